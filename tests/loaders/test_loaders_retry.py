"""Reads are tried again: how often, after which pause, and when not."""

from __future__ import annotations

import pytest

from loaders import retry
from loaders.breaker import IN_A_ROW, Breaker
from loaders.errors import Fault, Malformed, Refused, SourceError, Throttled, TimedOut, Unreachable
from loaders.observer import Observer
from loaders.pace import Pace
from loaders.records import Provider
from tests.loaders.test_loaders_breaker import FAULT, fail

HERE = Provider.MESHY


class Heard(Observer):
    """Keeps the pauses that it is told of."""

    def __init__(self) -> None:
        self.pauses: list[float] = []

    def call_retried(self, provider: Provider, error: SourceError, pause: float) -> None:
        assert provider is HERE
        self.pauses.append(pause)


class Calls:
    """Fails as it is told, one error a call, and then answers."""

    def __init__(self, *errors: Exception) -> None:
        self._errors = list(errors)
        self.made = 0

    async def __call__(self) -> str:
        self.made += 1
        if self._errors:
            raise self._errors.pop(0)
        return "answer"


async def read(
    calls: Calls, breaker: Breaker | None = None, seconds: float = 10, pace: Pace | None = None
) -> tuple[str | SourceError, list[float]]:
    """What it comes to, and the pauses on the way."""
    heard = Heard()
    try:
        answer: str | SourceError = await retry.read(
            calls,
            provider=HERE,
            breaker=breaker or Breaker(),
            seconds=seconds,
            observer=heard,
            pace=pace,
        )
    except SourceError as error:
        answer = error
    return answer, heard.pauses


@pytest.mark.parametrize("kind", [Unreachable, Throttled, Fault, Malformed])
async def test_what_may_pass_is_tried_three_times(kind: type[SourceError]) -> None:
    """After pauses that double, each with some jitter."""
    calls = Calls(*(kind("no", provider=HERE) for _ in range(2)))

    answer, pauses = await read(calls)

    assert answer == "answer"
    assert calls.made == 3
    assert 0.1 <= pauses[0] < 0.2 <= pauses[1] < 0.3


async def test_the_third_failure_is_the_answer() -> None:
    """And no fourth call is made."""
    calls = Calls(*(FAULT for _ in range(9)))

    answer, pauses = await read(calls)

    assert (answer, calls.made, len(pauses)) == (FAULT, 3, 2)


async def test_a_refusal_is_not_tried_again() -> None:
    """Another try cannot help."""
    refused = Refused("no", provider=HERE)
    calls = Calls(refused)

    assert await read(calls) == (refused, [])
    assert calls.made == 1


async def test_a_retry_after_is_waited_for() -> None:
    """Exactly, where there is time."""
    calls = Calls(Throttled("slow down", provider=HERE, retry_after=3))

    assert await read(calls) == ("answer", [3])


async def test_a_retry_after_beyond_the_deadline_ends_the_tries_at_once() -> None:
    """For this read, and for everybody who comes while it lasts."""
    breaker = Breaker()
    calls = Calls(Throttled("slow down", provider=HERE, retry_after=30))

    first, _ = await read(calls, breaker)
    second, _ = await read(calls, breaker)

    assert [type(first), type(second)] == [Throttled, Throttled]
    assert isinstance(second, Throttled)
    assert 29 < (second.retry_after or 0) <= 30
    assert calls.made == 1


async def test_an_open_breaker_ends_the_tries() -> None:
    """The call that opens it is the last; the next read makes none, not even for its turn."""
    breaker = Breaker()
    for _ in range(IN_A_ROW - 1):
        fail(breaker)
    calls = Calls(FAULT, FAULT)
    turns = Turns()

    opening, _ = await read(calls, breaker)
    after, _ = await read(calls, breaker, pace=turns)

    assert (opening, calls.made, turns.taken) == (FAULT, 1, 0)
    assert isinstance(after, Fault)
    assert after.retry_after is not None


class Turns(Pace):
    """Counts."""

    def __init__(self) -> None:
        super().__init__(1, 1)
        self.taken = 0

    async def turn(self) -> None:
        self.taken += 1


async def test_each_try_waits_its_turn() -> None:
    """A retry is a request like any other."""
    turns = Turns()

    await read(Calls(FAULT, FAULT), pace=turns)

    assert turns.taken == 3


async def test_a_turn_that_does_not_come_is_no_fault_of_the_source() -> None:
    """TimedOut, without a call; the breaker is not told."""
    breaker = Breaker()
    pace = Pace(1, 60)
    await pace.turn()
    calls = Calls()

    answer, _ = await read(calls, breaker, seconds=0.05, pace=pace)

    assert isinstance(answer, TimedOut)
    assert (calls.made, breaker.last_error) == (0, None)


async def test_a_bug_is_raised_at_once() -> None:
    """It is neither tried again nor turned into an outcome."""
    calls = Calls(ZeroDivisionError(), ZeroDivisionError())

    with pytest.raises(ZeroDivisionError):
        await read(calls)

    assert calls.made == 1
