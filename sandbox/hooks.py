"""Webhooks: JSON that an upstream posts to receivers of its users."""

from __future__ import annotations

import asyncio
import contextlib

from aiohttp import ClientError, ClientSession, ClientTimeout

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

    async def run(self) -> None:
        """Forever: in the background of the application."""
        async with ClientSession(timeout=PATIENCE) as session:
            while True:
                url, body = await self._waiting.get()
                headers = {"Content-Type": "application/json"}
                with contextlib.suppress(ClientError, TimeoutError, ValueError):
                    async with session.post(url, data=body, headers=headers):
                        pass
