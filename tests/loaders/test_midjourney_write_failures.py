"""Writes to the emulated servers: what goes wrong on the way, and what the servers themselves refuse."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from loaders.creations import ButtonPress, MidjourneyImagine
from loaders.errors import ErrorCode, SourceError
from sandbox import Sandbox
from sandbox.upstream import Upstream
from tests.loaders.midjourney_served import PIG, Served, Via, served, via

IMAGINE = "POST /mj/submit/imagine"
HERON = MidjourneyImagine(prompt="a heron")
BOTH: tuple[Via, ...] = ("mj-api-secret", "relay")


def server(box: Sandbox, way: Via) -> Upstream:
    """The one that is asked."""
    return box.newapi if way == "relay" else box.mj


async def failure(mj: Served, creation: MidjourneyImagine = HERON) -> SourceError:
    """What starting a task comes to."""
    with pytest.raises(SourceError) as raised:
        await mj.writes.create(creation)
    return raised.value


@pytest.mark.parametrize("way", BOTH)
@pytest.mark.parametrize(
    ("fault", "created"),
    [
        ({"answer_lost": True}, 1),
        ({"truncated": True}, 1),
        ({"answer_delay": 5}, 1),
        ({"reset": True}, 0),
        ({"latency": 5}, 0),
        ({"html": True}, 0),
        ({"not_json": True}, 0),
        ({"status": 500}, 0),
        ({"status": 502, "retry_after": 0}, 0),
    ],
)
async def test_nobody_knows(box: Sandbox, way: Via, fault: dict[str, Any], created: int) -> None:
    """A task at most, and one request: whether the server has started it cannot be seen from here."""
    server(box, way).fail(IMAGINE, **fault)
    async with via(box, way, seconds=0.2) as mj:
        error = await failure(mj)

        assert (error.code, error.retryable) == (ErrorCode.OUTCOME_UNKNOWN, False)
        assert mj.calls() == {IMAGINE: 1}
        assert len(box.mj.created) == created


@pytest.mark.parametrize("way", BOTH)
async def test_the_queue_is_full(box: Sandbox, way: Via) -> None:
    """Throttled, and nothing is started; later there is a place."""
    box.mj.studio.core_size, box.mj.studio.queue_size = 1, 1
    async with via(box, way) as mj:
        first, second = [await mj.writes.create(HERON) for _ in range(2)]
        error = await failure(mj)
        box.clock.advance(60)
        third = await mj.writes.create(HERON)

        assert (error.code, error.retryable) == (ErrorCode.UPSTREAM_THROTTLED, True)
        assert box.mj.created == [first, second, third]


@pytest.mark.parametrize("way", BOTH)
async def test_a_banned_prompt(box: Sandbox, way: Via) -> None:
    """Rejected; the word is not repeated."""
    async with via(box, way) as mj:
        error = await failure(mj, MidjourneyImagine(prompt="a nude statue"))

        assert error.code is ErrorCode.UPSTREAM_REJECTED
        assert "nude" not in error.message
        assert box.mj.created == []


@pytest.mark.parametrize("way", BOTH)
async def test_no_account(box: Sandbox, way: Via) -> None:
    """Nobody is there to run it: the source's fault, which may pass."""
    box.mj.studio.accounts = False
    async with via(box, way) as mj:
        error = await failure(mj)

        assert (error.code, error.retryable) == (ErrorCode.UPSTREAM_FAULT, True)


async def test_no_quota(box: Sandbox) -> None:
    """The relay's user has spent it."""
    box.newapi.quota = 0
    async with via(box, "relay") as mj:
        assert (await failure(mj)).code is ErrorCode.UPSTREAM_OUT_OF_CREDIT


@pytest.mark.parametrize("way", BOTH)
async def test_a_wrong_key(box: Sandbox, way: Via) -> None:
    """Refused."""
    async with via(box, way, secrets={"mj_key": "wrong"}) as mj:
        assert (await failure(mj)).code is ErrorCode.UPSTREAM_REFUSED
        assert box.mj.created == []


@pytest.mark.parametrize("way", BOTH)
async def test_a_mask_that_is_missing(box: Sandbox, way: Via) -> None:
    """The source rejects the confirmation; the task waits on, and can be confirmed rightly."""
    async with via(box, way) as mj:
        grid = await mj.task(PIG)
        key = await mj.writes.press(grid, ButtonPress(action_id=grid.actions[0].id))
        box.clock.advance(10)
        source = await mj.fresh(key)
        region = next(action.id for action in source.actions if action.id.startswith("MJ::Inpaint"))
        waiting = await mj.fresh(await mj.writes.press(source, ButtonPress(action_id=region)))
        with pytest.raises(SourceError) as raised:
            await mj.writes.press(waiting, ButtonPress(action_id=waiting.actions[0].id))

        assert raised.value.code is ErrorCode.UPSTREAM_REJECTED
        assert await mj.fresh(waiting.key) == waiting


@pytest.mark.parametrize("way", BOTH)
async def test_a_task_that_is_gone(box: Sandbox, way: Via) -> None:
    """It was shown a moment ago."""
    async with via(box, way) as mj:
        grid = await mj.task(PIG)
        box.mj.world.delete(PIG)
        with pytest.raises(SourceError) as raised:
            await mj.writes.press(grid, ButtonPress(action_id=grid.actions[0].id))

        assert raised.value.code is ErrorCode.UPSTREAM_REJECTED
        assert box.mj.created == []


async def test_failed_writes_hold_no_lookups_up(box: Sandbox) -> None:
    """They have a breaker of their own."""
    box.mj.fail(IMAGINE, status=500)
    async with served(box) as mj:
        errors = [await failure(mj) for _ in range(12)]

        assert mj.calls()[IMAGINE] == 8
        assert errors[-1].retry_after is not None
        assert (await mj.task(PIG)).key == PIG


async def test_a_caller_that_leaves(box: Sandbox) -> None:
    """The request may have been carried out; it is not sent again."""
    box.mj.fail(IMAGINE, answer_delay=5)
    async with served(box) as mj:
        leaving = asyncio.create_task(mj.writes.create(HERON))
        await asyncio.wait({leaving}, timeout=0.2)
        leaving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await leaving

        assert (mj.calls(), len(box.mj.created)) == ({IMAGINE: 1}, 1)


async def test_many_at_once(box: Sandbox) -> None:
    """Forty writes are forty requests and forty keys."""
    box.mj.studio.queue_size = 1_000
    async with served(box) as mj:
        keys = await asyncio.gather(*(mj.writes.create(HERON) for _ in range(40)))

        assert sorted(keys) == sorted(box.mj.created)
        assert len(set(keys)) == mj.calls()[IMAGINE] == 40
