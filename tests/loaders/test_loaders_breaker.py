"""An ill source is left alone, and tried again."""

from __future__ import annotations

import asyncio

import pytest

from loaders.breaker import FIRST_PAUSE, IN_A_ROW, LONGEST_PAUSE, REMEMBERED, WINDOW, Breaker
from loaders.errors import Fault, Refused, Silent, SourceError, Throttled
from loaders.observer import BreakerState
from loaders.records import Provider

FAULT = Fault("PixAI failed", provider=Provider.PIXAI, upstream_status=500)
REFUSED = Refused("PixAI refused the key", provider=Provider.PIXAI)


def fail(breaker: Breaker, error: BaseException = FAULT) -> None:
    """A call that ends so."""
    with pytest.raises(type(error)), breaker.guard():
        raise error


def succeed(breaker: Breaker) -> None:
    """A call that is answered."""
    with breaker.guard():
        pass


def opened(clock: list[float]) -> Breaker:
    breaker = Breaker(clock=lambda: clock[0])
    for _ in range(IN_A_ROW):
        fail(breaker)
    return breaker


def test_it_opens_after_so_many_failures_in_a_row() -> None:
    """Calls fail at once then, with the last error and the time to wait."""
    breaker = opened([100.0])

    with pytest.raises(Fault) as caught, breaker.guard():
        pytest.fail("the call was made")
    assert (caught.value.message, caught.value.upstream_status) == ("PixAI failed", 500)
    assert caught.value.retry_after == breaker.retry_after == FIRST_PAUSE
    assert breaker.state is BreakerState.OPEN


def test_it_opens_although_every_second_call_is_answered() -> None:
    """Half of the last twenty are enough."""
    breaker = Breaker(clock=lambda: 100.0)
    for number in range(WINDOW - 1):
        (succeed if number % 2 else fail)(breaker)
        assert breaker.state is BreakerState.CLOSED or number == WINDOW - 2

    assert breaker.state is BreakerState.OPEN


def test_one_call_that_waited_in_vain_is_enough() -> None:
    """Nothing else was answered all that time; where something was, it is one failure of many."""
    clock = [100.0]
    silent, busy = (Breaker(clock=lambda: clock[0]) for _ in range(2))
    for breaker in (silent, busy):
        succeed(breaker)
    clock[0] += 1

    def wait_in_vain() -> None:
        with silent.guard(), busy.guard():
            clock[0] += 4
            succeed(busy)
            clock[0] += 4
            raise Silent("no answer", provider=Provider.PIXAI)

    with pytest.raises(Silent):
        wait_in_vain()

    assert (silent.state, busy.state) == (BreakerState.OPEN, BreakerState.CLOSED)


def test_what_failed_long_ago_does_not_count() -> None:
    """Every second call, but one in ten seconds: nothing that a pause would help."""
    clock = [100.0]
    breaker = Breaker(clock=lambda: clock[0])
    for number in range(WINDOW * 3):
        (succeed if number % 2 else fail)(breaker)
        clock[0] += REMEMBERED / 6

    assert breaker.state is BreakerState.CLOSED


def test_a_failure_in_five_is_weathered_by_retries() -> None:
    """No pause."""
    breaker = Breaker(clock=lambda: 100.0)
    for number in range(200):
        (succeed if number % 5 else fail)(breaker)

    assert breaker.state is BreakerState.CLOSED


def test_after_the_pause_one_call_tries_and_a_failure_doubles_it() -> None:
    """Up to a minute."""
    clock = [100.0]
    breaker = opened(clock)
    pauses = []
    for _ in range(8):
        pauses.append(breaker.retry_after or 0)
        clock[0] += pauses[-1]
        fail(breaker)

    assert pauses == [2, 4, 8, 16, 32, LONGEST_PAUSE, LONGEST_PAUSE, LONGEST_PAUSE]


def test_calls_that_were_under_way_when_it_opened_tell_nothing_new() -> None:
    """Whether they fail or not: the pause is the first one, and is kept."""
    breaker = Breaker(clock=lambda: 100.0)
    late, later = breaker.guard(), breaker.guard()
    late.__enter__()
    later.__enter__()
    for _ in range(IN_A_ROW):
        fail(breaker)

    assert not late.__exit__(Fault, FAULT, None)
    later.__exit__(None, None, None)

    assert (breaker.retry_after, breaker.state) == (FIRST_PAUSE, BreakerState.OPEN)


def test_a_retry_after_holds_everybody_with_the_same_key() -> None:
    """As long as it says, at most a minute."""
    clock = [100.0]
    breaker = Breaker(clock=lambda: clock[0])
    fail(breaker, Throttled("slow down", provider=Provider.PIXAI, retry_after=1.5))

    succeed(breaker)

    assert (breaker.held, breaker.retry_after) == (1.5, None)
    clock[0] += 2
    assert breaker.held == 0


def test_while_one_tries_the_others_wait() -> None:
    """A source that comes back is not met by everybody at once."""
    clock = [100.0]
    breaker = opened(clock)
    clock[0] += FIRST_PAUSE

    with breaker.guard(), pytest.raises(Fault), breaker.guard():
        pytest.fail("the call was made")

    succeed(breaker)
    assert breaker.state is BreakerState.CLOSED


@pytest.mark.parametrize("error", [REFUSED, ValueError("a refused document")])
def test_a_source_that_says_no_is_there(error: Exception) -> None:
    """A refused key, or a refused document, on the first try closes the breaker."""
    clock = [100.0]
    breaker = opened(clock)
    clock[0] += FIRST_PAUSE

    fail(breaker, error)

    succeed(breaker)
    assert (breaker.state, breaker.retry_after) == (BreakerState.CLOSED, None)


def test_a_try_that_is_cancelled_leaves_the_next_one_to_try() -> None:
    """At once: it has told nothing."""
    clock = [100.0]
    breaker = opened(clock)
    clock[0] += FIRST_PAUSE

    for _ in range(3):
        fail(breaker, asyncio.CancelledError())

    succeed(breaker)
    assert breaker.state is BreakerState.CLOSED


def test_a_success_closes_it_and_forgets() -> None:
    """The count starts anew."""
    clock = [100.0]
    breaker = opened(clock)
    clock[0] += FIRST_PAUSE

    succeed(breaker)
    for _ in range(IN_A_ROW - 1):
        fail(breaker)

    assert (breaker.retry_after, breaker.last_error) == (None, FAULT)
    succeed(breaker)
    assert breaker.last_error is None


def test_the_callers_own_fault_does_not_open_it() -> None:
    """A refused key is remembered as the last error, and is no sign of illness."""
    breaker = Breaker()
    for _ in range(IN_A_ROW * 3):
        fail(breaker, REFUSED)

    breaker.check()
    assert breaker.last_error is REFUSED


def test_it_tells_how_it_moves() -> None:
    """Each state once, with the error that led there."""
    clock = [100.0]
    moves: list[tuple[BreakerState, SourceError | None]] = []
    breaker = Breaker(lambda state, error: moves.append((state, error)), clock=lambda: clock[0])
    for _ in range(IN_A_ROW):
        fail(breaker)
    clock[0] += FIRST_PAUSE
    fail(breaker)
    clock[0] += FIRST_PAUSE * 2
    succeed(breaker)

    open_, half, closed = BreakerState.OPEN, BreakerState.HALF_OPEN, BreakerState.CLOSED
    assert moves == [(open_, FAULT), (half, FAULT), (open_, FAULT), (half, FAULT), (closed, None)]
