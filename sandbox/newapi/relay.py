"""new-api's relay of midjourney-proxy's reading routes: a user's own tasks, re-encoded."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from aiohttp import web
from aiohttp.typedefs import Handler

from sandbox.json_text import json_response
from sandbox.midjourney import seeding
from sandbox.midjourney.prefixes import in_all_modes
from sandbox.midjourney.records import Json, Task
from sandbox.midjourney.request_parsing import requested_ids
from sandbox.midjourney.rows import relayed
from sandbox.newapi.access import User, relay_user, upstream_error
from sandbox.newapi.server import NewApi

PATIENCE = 30.0  # seconds that it waits for a seed
NO_TASK = "task_no_found"
Answer = Callable[[web.Request, User], Awaitable[web.Response]]


class Relay:
    """Under /mj and under /mj-fast/mj and the like. Pictures need no key."""

    def __init__(self, server: NewApi) -> None:
        self._server = server

    def routes(self) -> list[web.RouteDef]:
        """All of them, in both forms."""
        return in_all_modes(
            ("GET", "/image/{id}", self._image),
            ("GET", "/task/{id}/fetch", guarded(self._fetch)),
            ("POST", "/task/list-by-condition", guarded(self._many)),
            ("GET", "/task/{id}/image-seed", guarded(self._seed)),
        )

    async def _image(self, request: web.Request) -> web.Response:
        task = self._server.world.task(request.match_info["id"])
        if task is None or not task.listed:
            return json_response({"error": "midjourney_task_not_found"}, status=400)
        found = await self._server.files.response(task)
        return found or json_response({"error": "http_get_image_failed"}, status=500)

    async def _fetch(self, request: web.Request, user: User) -> web.Response:
        task = self._owned(request.match_info["id"], user)
        return json_response(self._shown(task)) if task else relay_error(NO_TASK)

    async def _many(self, request: web.Request, user: User) -> web.Response:
        try:
            ids = await requested_ids(request)
        except ValueError:
            return relay_error("do_request_failed")
        found = [task for task in (self._owned(one, user) for one in ids) if task]
        return json_response([self._shown(task) for task in sorted(found, key=lambda task: task.row)])

    async def _seed(self, request: web.Request, user: User) -> web.Response:
        """Re-encoded as code, description, properties and result, whatever the source answered."""
        task = self._owned(request.match_info["id"], user)
        if task is None:
            return relay_error(NO_TASK)
        delay = self._server.seed_delay() + task.seed_delay
        await asyncio.sleep(min(delay, PATIENCE))
        if delay > PATIENCE:
            return relay_error("do_request_failed", code=5)
        status, body = seeding.answer(task if task.proxied else None, self._shown)
        if not isinstance(body.get("result", ""), str | None):
            return relay_error("unmarshal_response_body_failed", code=5)  # Go wants text there
        reduced = {
            "code": body.get("code", 0),
            "description": body["description"],
            "properties": body["properties"],
            "result": body.get("result") or "",
        }
        return json_response(reduced, status=status)

    def _owned(self, key: str, user: User) -> Task | None:
        task = self._server.world.task(key)
        return task if task is not None and task.listed and task.user == user.id else None

    def _shown(self, task: Task) -> Json:
        row = self._server.row(task)
        image = row["image_url"]
        if self._server.forward and image and not task.ended:
            image += f"?rand={task.submit * 1_000_000 + task.row}"
        return relayed(row, image, videos=self._server.mode == "paged")


def guarded(answer: Answer) -> Handler:
    """The handler, for requests with the API key of a user, whom it gets too."""

    async def handle(request: web.Request) -> web.Response:
        user = relay_user(request)
        return user if isinstance(user, web.Response) else await answer(request, user)

    return handle


def relay_error(description: str, code: int = 4) -> web.Response:
    """What the relay itself refuses is a 400."""
    return json_response(upstream_error(description, code), status=400)
