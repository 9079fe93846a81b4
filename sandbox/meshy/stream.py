"""A task's changes as Server-Sent Events, until it ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

from aiohttp import web

from sandbox.json_text import dumps
from sandbox.meshy.access import authentication_error
from sandbox.meshy.records import IN_PROGRESS, PENDING, RESOURCES, Json
from sandbox.meshy.server import Meshy

LOOK = 0.1  # seconds between two looks at the task
KEEP_ALIVE = 10.0  # seconds after which an unchanged task is sent again


class Stream:
    """`GET …/{id}/stream` of each resource."""

    def __init__(self, server: Meshy) -> None:
        self._server = server

    def routes(self) -> list[web.RouteDef]:
        """One per resource."""
        path = "/openapi/v1/{}/{{id:[^/]+}}/stream"
        return [web.get(path.format(resource), self._handler(resource)) for resource in RESOURCES]

    def _handler(self, resource: str) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def handle(request: web.Request) -> web.StreamResponse:
            refused = authentication_error(request, self._server.key)
            if refused is not None:
                return refused
            headers = {"Content-Type": "text/event-stream", "Cache-Control": "no-cache"}
            answer = web.StreamResponse(headers=headers)
            await answer.prepare(request)
            with self._server.streams.open(request) as stream:
                async for event, data in self._events(resource, request.match_info["id"]):
                    if not stream.may_send():
                        break
                    await answer.write(b"event: " + event + b"\ndata: " + dumps(data) + b"\n\n")
            return answer

        return handle

    async def _events(self, resource: str, key: str) -> AsyncIterator[tuple[bytes, Json]]:
        """Names and data. A task that is under way is sent as three of its fields."""
        sent: Json | None = None
        last = 0.0
        now = asyncio.get_running_loop().time
        while True:
            task = self._server.world.task(resource, key, self._server.clock())
            if task is None:
                # unknown, or deleted while it was watched: the status line has said 200 already
                yield b"error", {"status_code": 404, "message": "Task not found"}
                return
            if task.status not in (PENDING, IN_PROGRESS):
                yield b"message", self._server.files.wire(task)
                return
            partial = {"id": task.id, "progress": task.body.get("progress"), "status": task.status}
            if partial != sent or now() - last >= KEEP_ALIVE:
                yield b"message", partial
                sent, last = partial, now()
            await self._server.clock.pause(LOOK)
