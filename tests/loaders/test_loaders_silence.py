"""A source that says nothing: how long one call waits for it, and what the breaker learns."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from loaders import retry
from loaders.breaker import FAILURES, FIRST_PAUSE, Breaker
from loaders.errors import Fault, TimedOut, Unreachable
from loaders.records import Provider

SILENT = TimedOut("PixAI did not answer in time", provider=Provider.PIXAI)
FAULT = Fault("PixAI failed", provider=Provider.PIXAI, upstream_status=500)


class Source:
    """Answers as it is told: an error is raised, None hangs; then it answers "here"."""

    def __init__(self, *answers: Exception | None) -> None:
        self.answers = list(answers)
        self.calls = 0
        self.breaker = Breaker()

    async def call(self) -> str:
        """One request."""
        self.calls += 1
        answer = self.answers.pop(0) if self.answers else "here"
        if answer is None:
            await asyncio.Event().wait()
        if isinstance(answer, Exception):
            raise answer
        return "here"

    async def read(self, silence: float | None, turn: Callable[[], Awaitable[object]] | None = None) -> str:
        """With all the time that a request may have."""
        return await retry.read(
            self.call,
            provider=Provider.PIXAI,
            breaker=self.breaker,
            seconds=30.0,
            silence=silence,
            turn=turn,
        )


async def test_silence_ends_the_tries_and_opens_the_breaker() -> None:
    """A second try would be waited for as long; the next caller is not kept waiting at all."""
    source = Source(None)

    with pytest.raises(TimedOut):
        await source.read(0.05)
    with pytest.raises(TimedOut) as caught:
        await source.read(0.05)

    assert source.calls == 1
    assert caught.value.retry_after is not None


async def test_an_error_is_an_answer() -> None:
    """Two failures and an answer: the time that each may take begins anew."""
    source = Source(FAULT, FAULT)

    assert await source.read(5.0) == "here"
    assert source.calls == 3


async def test_waiting_for_a_turn_of_our_own_is_no_silence() -> None:
    """The source has not been asked yet."""
    source = Source()

    async def slow() -> None:
        await asyncio.sleep(0.2)

    assert await source.read(0.1, slow) == "here"
    assert source.breaker.last_error is None


async def test_a_cancelled_call_tells_the_breaker_nothing() -> None:
    """Who left may have been in a hurry."""
    source = Source(None)
    reading = asyncio.create_task(source.read(30.0))
    await asyncio.sleep(0)
    await asyncio.sleep(0)

    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading

    assert source.calls == 1
    assert source.breaker.last_error is None


def test_a_source_that_answers_others_meanwhile_is_not_silent() -> None:
    """One look-up that hangs is that look-up's; as many in a row as of any other failure open it."""
    clock = [100.0]
    breaker = Breaker(lambda: clock[0])
    for _ in range(FAILURES - 1):
        clock[0] += 8
        breaker.succeeded()
        clock[0] += 2
        breaker.failed(SILENT, 8.0)
        breaker.check()
        assert breaker.retry_after is None


@pytest.mark.parametrize("answer", [FAULT, None])
def test_it_is_silent_since_it_last_answered_anything(answer: Fault | None) -> None:
    """A failure is an answer, too."""
    clock = [100.0]
    breaker = Breaker(lambda: clock[0])
    if answer is None:
        breaker.succeeded()
    else:
        breaker.failed(answer)
    clock[0] += 7.9
    breaker.failed(SILENT, 8.0)
    assert breaker.retry_after is None

    clock[0] += 0.1
    breaker.failed(SILENT, 8.0)

    assert breaker.retry_after == FIRST_PAUSE


def test_a_connection_that_fails_is_no_answer() -> None:
    """But no silence either: it counts like any failure."""
    clock = [100.0]
    breaker = Breaker(lambda: clock[0])

    breaker.failed(Unreachable("gone", provider=Provider.PIXAI), 8.0)

    assert breaker.retry_after is None
    breaker.failed(SILENT, 8.0)
    assert breaker.retry_after == FIRST_PAUSE
