"""A task's changes as Server-Sent Events, until it ends."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from aiohttp import web

from sandbox.json_text import dumps
from sandbox.meshy.access import authentication_error
from sandbox.meshy.records import IN_PROGRESS, PENDING, RESOURCES, Json, Task
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
            await self._send_changes(answer, resource, request.match_info["id"])
            return answer

        return handle

    async def _send_changes(self, answer: web.StreamResponse, resource: str, key: str) -> None:
        sent: Json | None = None
        last = 0.0
        now = asyncio.get_running_loop().time
        while True:
            task = self._server.world.task(resource, key, self._server.clock())
            if task is None:
                # unknown, or deleted while it was watched: HTTP has said 200 already
                return await _send(answer, "error", {"status_code": 404, "message": "Task not found"})
            if task.status not in (PENDING, IN_PROGRESS):
                return await _send(answer, "message", self._server.files.wire(task))
            partial = _partial(task)
            if partial != sent or now() - last >= KEEP_ALIVE:
                await _send(answer, "message", partial)
                sent, last = partial, now()
            await asyncio.sleep(LOOK)


def _partial(task: Task) -> Json:
    return {"id": task.id, "progress": task.body.get("progress"), "status": task.status}


async def _send(answer: web.StreamResponse, event: str, data: Json) -> None:
    await answer.write(b"event: " + event.encode() + b"\ndata: " + dumps(data) + b"\n\n")
