"""A served sandbox with a clock that tests move, and clients of each of its servers, with the right keys."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientSession

from sandbox import Clock, Sandbox, start
from tests.sandbox.requests import START, PixAI
from tests.sandbox.requests_meshy import Meshy, asking
from tests.sandbox.requests_midjourney import Client, asking_newapi, asking_proxy, asking_relay


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


@pytest.fixture
async def meshy(box: Sandbox) -> AsyncIterator[Meshy]:
    async with asking(box.meshy) as client:
        yield client


@pytest.fixture
async def mj(box: Sandbox) -> AsyncIterator[Client]:
    async with asking_proxy(box.mj) as client:
        yield client


@pytest.fixture
async def newapi(box: Sandbox) -> AsyncIterator[Client]:
    async with asking_newapi(box.newapi) as client:
        yield client


@pytest.fixture
async def relay(box: Sandbox) -> AsyncIterator[Client]:
    async with asking_relay(box.newapi) as client:
        yield client
