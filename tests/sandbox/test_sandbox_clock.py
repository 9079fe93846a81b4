"""The clock that tests step."""

from __future__ import annotations

import asyncio
import time

import pytest
from aiohttp import ClientSession

from sandbox import Clock, Sandbox, start
from tests.sandbox.requests import START


async def test_a_stopped_clock_moves_only_when_it_is_stepped() -> None:
    """Whoever waits is woken by each step, and goes on waiting where it is too early."""
    clock = Clock(START)
    waiting = asyncio.create_task(_reached(clock, START + 10))
    await asyncio.sleep(0.01)
    clock.advance(9)
    await asyncio.sleep(0.01)
    assert (clock(), waiting.done()) == (START + 9, False)

    clock.advance(1)

    async with asyncio.timeout(5):
        assert await waiting == START + 10


async def test_a_running_clock_can_be_stepped() -> None:
    """It is the real time, or ahead of it."""
    before = time.time()
    clock = Clock()
    assert clock() >= before

    clock.advance(3600)

    assert clock.now >= before + 3600
    async with asyncio.timeout(5):
        await clock.wait(clock() + 0.01)
        await clock.wait(START)
        await clock.pause(0.01)


async def test_it_is_stepped_over_http_too() -> None:
    """Through any upstream; all share it."""
    async with start() as box, ClientSession(box.mj.url) as session:
        before = box.clock()
        async with session.post("/_sandbox/clock", json={"advance": 1000}) as answer:
            stepped = answer.status, await answer.json()

        assert box.pixai.clock() >= before + 1000
        assert (stepped[0], stepped[1]["now"] >= before + 1000) == (200, True)


@pytest.mark.parametrize(
    "body",
    ['{"advance": "ten"}', '{"advance": true}', '{"advance": -1}', '{"advance": 1e300}', "{}", "[]", "{"],
)
async def test_a_wrong_step_is_a_400(box: Sandbox, clock: Clock, body: str) -> None:
    """And none is taken."""
    async with ClientSession(box.mj.url) as session, session.post("/_sandbox/clock", data=body) as answer:
        assert (answer.status, list(await answer.json())) == (400, ["message"])

    assert clock() == START


async def test_created_tasks_are_listed_over_http_too(box: Sandbox) -> None:
    """So that a client in another process can count them."""
    async with ClientSession() as session:
        headers = {"Authorization": f"Bearer {box.pixai.key}"}
        body = {"parameters": {"prompts": "a heron"}}
        async with session.post(f"{box.pixai.url}/v1/task", json=body, headers=headers) as answer:
            made = await answer.json()
        async with session.get(f"{box.pixai.url}/_sandbox/created") as answer:
            assert await answer.json() == [made["id"]] == box.pixai.created


async def _reached(clock: Clock, instant: float) -> float:
    while clock() < instant:
        await clock.wait(instant)
    return clock()
