"""A served sandbox with a clock that tests move."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientSession

from sandbox import Clock, Sandbox, start
from tests.sandbox.requests import START, PixAI


@pytest.fixture
def clock() -> Clock:
    return Clock(START)


@pytest.fixture
async def box(clock: Clock) -> AsyncIterator[Sandbox]:
    async with start(clock=clock) as served:
        yield served


@pytest.fixture
async def pixai(box: Sandbox) -> AsyncIterator[PixAI]:
    headers = {"Authorization": f"Bearer {box.pixai.key}"}
    async with ClientSession(box.pixai.url, headers=headers) as session:
        yield PixAI(box.pixai, session)
