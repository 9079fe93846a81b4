"""A sandbox whose clock stands still until a test steps it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from sandbox import Clock, Sandbox, start
from tests.sandbox.requests import START
from tests.watch.watching import until, watchers_tasks


@pytest.fixture
def clock() -> Clock:
    return Clock(START)


@pytest.fixture
async def box(clock: Clock) -> AsyncIterator[Sandbox]:
    """Nothing of any watcher is left when the test ends."""
    async with start(clock=clock) as served:
        yield served
        await until(lambda: not watchers_tasks())
        await until(lambda: not any(map(len, (upstream.streams for upstream in served.upstreams()))))
