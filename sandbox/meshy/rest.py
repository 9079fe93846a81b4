"""Meshy's REST: create, get, list and delete, the same for each resource; and the balance."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web

from sandbox.json_text import json_response, loads
from sandbox.meshy import pages, request_parsing
from sandbox.meshy.access import authentication_error, error_response
from sandbox.meshy.records import RESOURCES
from sandbox.meshy.server import Meshy

PREFIX = "/openapi/v1"
Answer = Callable[[web.Request, str], Awaitable[web.Response]]


class Rest:
    """The routes under /openapi/v1, except for the streams."""

    def __init__(self, server: Meshy) -> None:
        self._server = server

    def routes(self) -> list[web.RouteDef]:
        """All of them; each needs the key."""
        found = [
            web.get(f"{PREFIX}/balance", self._guarded(self._balance, "")),
            # Meshy's own MCP server asks for this list to check its key. There are no models here.
            web.get("/openapi/v2/text-to-3d", self._guarded(self._no_models, "")),
        ]
        for resource in RESOURCES:
            all_path, one_path = f"{PREFIX}/{resource}", f"{PREFIX}/{resource}/{{id:[^/]+}}"
            found += [
                web.get(all_path, self._guarded(self._list, resource)),
                web.post(all_path, self._guarded(self._create, resource)),
                web.get(one_path, self._guarded(self._get, resource)),
                web.delete(one_path, self._guarded(self._delete, resource)),
            ]
        return found

    def _guarded(self, answer: Answer, resource: str) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def handle(request: web.Request) -> web.Response:
            return authentication_error(request, self._server.key) or await answer(request, resource)

        return handle

    async def _balance(self, _request: web.Request, _resource: str) -> web.Response:
        return json_response({"balance": self._server.world.balance})

    async def _no_models(self, _request: web.Request, _resource: str) -> web.Response:
        return json_response([])

    async def _list(self, request: web.Request, resource: str) -> web.Response:
        try:
            found = pages.page(self._server.world.listed(resource, self._server.clock()), request.query)
        except ValueError as error:
            return error_response(400, str(error))
        return json_response([self._server.files.wire(task) for task in found])

    async def _get(self, request: web.Request, resource: str) -> web.Response:
        task = self._server.world.task(resource, request.match_info["id"], self._server.clock())
        return (
            error_response(404, "Task not found")
            if task is None
            else json_response(self._server.files.wire(task))
        )

    async def _create(self, request: web.Request, resource: str) -> web.Response:
        try:
            parameters = request_parsing.read(resource, loads(await request.read()))
        except ValueError as error:
            return error_response(400, str(error))
        task = self._server.create(resource, parameters)
        if task is None:
            return error_response(402, "Insufficient credits")
        return json_response({"result": task.id}, status=202)

    async def _delete(self, request: web.Request, resource: str) -> web.Response:
        if not self._server.world.delete(resource, request.match_info["id"]):
            return error_response(404, "Task not found")
        return web.Response()  # 200 and not one byte
