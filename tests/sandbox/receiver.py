"""A receiver of webhooks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import jiter
from aiohttp import web


class Receiver:
    """Keeps what is posted to it. status: what it answers."""

    def __init__(self) -> None:
        self.url = ""
        self.status = 200
        self._bodies: asyncio.Queue[Any] = asyncio.Queue()

    async def next(self) -> Any:
        """The oldest body that has not been taken, within five seconds."""
        async with asyncio.timeout(5):
            return await self._bodies.get()

    def empty(self) -> bool:
        """Whether all have been taken."""
        return self._bodies.empty()

    async def handle(self, request: web.Request) -> web.Response:
        """Any path."""
        assert request.content_type == "application/json"
        self._bodies.put_nowait(jiter.from_json(await request.read()))
        return web.Response(status=self.status)


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    """On a port of its own, while the block lasts."""
    receiver = Receiver()
    app = web.Application()
    app.router.add_post("/{path:.*}", receiver.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    try:
        yield receiver
    finally:
        await runner.cleanup()
