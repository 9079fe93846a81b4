"""Work that goes on beside the requests, as long as an application is served."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

from aiohttp import web


def background(work: Callable[[], Awaitable[None]]) -> Callable[[web.Application], AsyncIterator[None]]:
    """For `app.cleanup_ctx`. work: is cancelled at the end."""

    async def running(_app: web.Application) -> AsyncIterator[None]:
        task = asyncio.ensure_future(work())
        yield
        task.cancel()
        await asyncio.wait([task])

    return running
