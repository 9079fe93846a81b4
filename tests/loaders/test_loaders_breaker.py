"""An ill source is left alone, and tried again."""

from __future__ import annotations

import pytest

from loaders.breaker import FAILURES, FIRST_PAUSE, LONGEST_PAUSE, Breaker
from loaders.errors import Fault, Refused, SourceError, Throttled
from loaders.records import Provider

FAULT = Fault("PixAI failed", provider=Provider.PIXAI, upstream_status=500)


def opened(clock: list[float]) -> Breaker:
    breaker = Breaker(lambda: clock[0])
    for _ in range(FAILURES):
        breaker.check()
        breaker.failed(FAULT)
    return breaker


def test_it_opens_after_so_many_failures_in_a_row() -> None:
    """Calls fail at once then, with the last error and the time to wait."""
    breaker = opened([100.0])

    with pytest.raises(Fault) as caught:
        breaker.check()
    assert (caught.value.message, caught.value.upstream_status) == ("PixAI failed", 500)
    assert caught.value.retry_after == breaker.retry_after == FIRST_PAUSE


def test_after_the_pause_one_call_tries_and_a_failure_doubles_it() -> None:
    """Up to a minute."""
    clock = [100.0]
    breaker = opened(clock)
    pauses = []
    for _ in range(8):
        pauses.append(breaker.retry_after or 0)
        clock[0] += pauses[-1]
        breaker.check()
        breaker.failed(FAULT)

    assert pauses == [2, 4, 8, 16, 32, LONGEST_PAUSE, LONGEST_PAUSE, LONGEST_PAUSE]


def test_calls_that_were_under_way_when_it_opened_tell_nothing_new() -> None:
    """Twenty that fail together are one storm: the pause is the first one."""
    breaker = Breaker(lambda: 100.0)
    for _ in range(FAILURES + 12):
        breaker.failed(FAULT)

    assert breaker.retry_after == FIRST_PAUSE


def test_a_retry_after_holds_everybody_with_the_same_key() -> None:
    """As long as it says, at most a minute."""
    clock = [100.0]
    breaker = Breaker(lambda: clock[0])
    breaker.failed(Throttled("slow down", provider=Provider.PIXAI, retry_after=1.5))

    breaker.check()

    assert (breaker.held, breaker.retry_after) == (1.5, None)
    clock[0] += 2
    assert breaker.held == 0


def test_while_one_tries_the_others_wait() -> None:
    """A source that comes back is not met by everybody at once."""
    clock = [100.0]
    breaker = opened(clock)
    clock[0] += FIRST_PAUSE

    breaker.check()

    with pytest.raises(Fault):
        breaker.check()
    breaker.succeeded()
    breaker.check()


def test_a_source_that_says_no_is_there() -> None:
    """A refused key on the first try closes the breaker."""
    clock = [100.0]
    breaker = opened(clock)
    clock[0] += FIRST_PAUSE
    breaker.check()

    breaker.failed(Refused("PixAI refused the key", provider=Provider.PIXAI))

    breaker.check()
    assert breaker.retry_after is None


def test_a_success_closes_it_and_forgets() -> None:
    """The count starts anew."""
    clock = [100.0]
    breaker = opened(clock)
    clock[0] += FIRST_PAUSE
    breaker.check()

    breaker.succeeded()
    breaker.failed(FAULT)

    breaker.check()
    assert (breaker.retry_after, breaker.last_error) == (None, FAULT)


def test_the_callers_own_fault_does_not_open_it() -> None:
    """A refused key is remembered as the last error, and is no sign of illness."""
    breaker = Breaker()
    refused: SourceError = Refused("PixAI refused the key", provider=Provider.PIXAI)
    for _ in range(FAILURES * 2):
        breaker.failed(refused)

    breaker.check()
    assert breaker.last_error is refused
