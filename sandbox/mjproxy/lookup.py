"""midjourney-proxy's reading routes: one task, many tasks, a task's seed."""

from __future__ import annotations

import asyncio

from aiohttp import web
from aiohttp.typedefs import Handler

from sandbox.json_text import json_response
from sandbox.midjourney import seeding
from sandbox.midjourney.plain_errors import error_response
from sandbox.midjourney.prefixes import in_all_modes
from sandbox.midjourney.records import Json, Task
from sandbox.midjourney.request_parsing import requested_ids, shuffled
from sandbox.mjproxy import access
from sandbox.mjproxy.server import MidjourneyProxy


def guarded(server: MidjourneyProxy, handler: Handler) -> Handler:
    """The handler, for requests with the right key only."""

    async def handle(request: web.Request) -> web.StreamResponse:
        body = access.authentication_error(request, server.key, server.auth, server.flavour)
        return await handler(request) if body is False else error_response(401, body)

    return handle


class Lookup:
    """The routes, in the flavour that the server has at the moment."""

    def __init__(self, server: MidjourneyProxy) -> None:
        self._server = server

    def routes(self) -> list[web.RouteDef]:
        """Under /mj, and again under /mj-fast/mj and the like."""
        return in_all_modes(
            ("GET", "/task/{id}/fetch", guarded(self._server, self._fetch)),
            ("POST", "/task/list-by-condition", guarded(self._server, self._many)),
            ("POST", "/task/list-by-ids", guarded(self._server, self._many)),
            ("GET", "/task/{id}/image-seed", guarded(self._server, self._seed)),
        )

    async def _fetch(self, request: web.Request) -> web.Response:
        task = self._task(request)
        if task is not None:
            return json_response(self._shown(task))
        if self._server.flavour == "reseller":
            body = {"description": "task_no_found ", "type": "upstream_error", "code": 4}
            return json_response(body, status=400)
        return web.Response(status=204 if self._server.flavour == "csharp" else 200)

    async def _many(self, request: web.Request) -> web.Response:
        try:
            ids = await requested_ids(request)
        except ValueError:
            return error_response(400, self._server.error(400, "Bad Request", None))
        found = [task for task in map(self._server.world.task, ids) if task and task.proxied]
        tasks = [self._shown(task) for task in shuffled(found)]
        return json_response(tasks[0] if self._server.single_object and len(tasks) == 1 else tasks)

    async def _seed(self, request: web.Request) -> web.Response:
        if self._server.flavour == "java":
            raise web.HTTPNotFound
        task = self._task(request)
        await asyncio.sleep(self._server.seed_delay + (task.seed_delay if task else 0))
        task = self._task(request)  # it may have gone meanwhile
        status, body = seeding.answer(task, self._shown)
        if task is not None and body.get("code") == 1:
            self._server.world.learn_seed(task.id)
        return json_response(body, status=status)

    def _task(self, request: web.Request) -> Task | None:
        task = self._server.world.task(request.match_info["id"])
        return task if task is not None and task.proxied else None

    def _shown(self, task: Task) -> Json:
        return self._server.wire(task)
