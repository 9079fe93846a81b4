"""A client that has gone ends its query: what nobody waits for need not be worked on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from starlette.requests import ClientDisconnect
from starlette.types import Receive

PATIENCE = 0.05  # seconds; most operations end before, and need no task that watches


@asynccontextmanager
async def ended_by_departure(receive: Receive, must_go_on: Callable[[], bool]) -> AsyncIterator[None]:
    """Cancels the block when the client hangs up, and raises ClientDisconnect then.

    must_go_on: asked at that moment; True where a write has begun, which nothing cancels.
    """
    loop = asyncio.get_running_loop()
    watching: asyncio.Task[None] | None = None
    scope = asyncio.timeout(None)

    async def watch() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        if not must_go_on():
            scope.reschedule(loop.time())

    def begin() -> None:
        nonlocal watching
        watching = loop.create_task(watch())

    timer = loop.call_later(PATIENCE, begin)
    try:
        async with scope:
            yield
    except TimeoutError:
        if not scope.expired():
            raise
        raise ClientDisconnect from None
    finally:
        timer.cancel()
        if watching is not None:
            watching.cancel()
