"""Webhooks: JSON that an upstream posts to receivers of its users."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from aiohttp import ClientError, ClientSession, ClientTimeout, web

from sandbox.json_text import dumps

PATIENCE = ClientTimeout(total=5)


class Hooks:
    """Posts one after the other, each once; a receiver that fails is not asked again."""

    def __init__(self) -> None:
        self._waiting: asyncio.Queue[tuple[str, bytes]] = asyncio.Queue()

    def send(self, url: str | None, body: object) -> None:
        """Soon. url: None: nobody wants it."""
        if url:
            self._waiting.put_nowait((url, dumps(body)))

    async def running(self, _app: web.Application) -> AsyncIterator[None]:
        """While the application is served."""
        task = asyncio.create_task(self._run())
        yield
        task.cancel()
        await asyncio.wait([task])

    async def _run(self) -> None:
        async with ClientSession(timeout=PATIENCE) as session:
            while True:
                url, body = await self._waiting.get()
                headers = {"Content-Type": "application/json"}
                with contextlib.suppress(ClientError, TimeoutError, ValueError):
                    async with session.post(url, data=body, headers=headers):
                        pass
