"""A circuit breaker: a failing source is not called for a while, instead of adding to its load.

PixAI answers sustained storms with blanket HTTP 500, sometimes for hours. Once too many calls failed for the
source's own reasons, or one has waited in vain while nothing else was answered either, the breaker opens:
calls fail at once with the last error. When the pause is over, one call at a time is let through to try.

    CLOSED ──8 in a row, or 10 of 20──► OPEN ──pause over──► HALF_OPEN ──that call answered──► CLOSED
                                         ▲                      │
                                         └── that call failed ──┘  the next pause is twice as long
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from loaders.errors import Fault, Silent, SourceError, Throttled, TimedOut, Unreachable
from loaders.observer import BreakerState

IN_A_ROW = 8
WINDOW, OF_WINDOW = 20, 10  # calls looked back at, and how many of them may not fail
REMEMBERED = 60.0  # seconds that a call counts among the last
FIRST_PAUSE = 2.0  # seconds; doubles when the one call that is let through fails, too
LONGEST_PAUSE = 60.0

_OWN_FAULT = (Unreachable, TimedOut, Fault)


def _unheard(_state: BreakerState, _error: SourceError | None) -> None:
    """Ignores every change of state."""


class Breaker:
    """Closed while calls succeed; open for `retry_after` seconds once too many failed.

    Besides, it holds everybody back for as long as a Retry-After says. moved: called with each new state, and
    of the error that led there (None where it closed). clock: in seconds.
    """

    def __init__(
        self,
        moved: Callable[[BreakerState, SourceError | None], None] = _unheard,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._moved = moved
        self._clock = clock
        self._row = 0
        self._window: deque[tuple[float, bool]] = deque(maxlen=WINDOW)  # when, and whether it failed
        self._pause = FIRST_PAUSE
        self._opened_until = 0.0
        self._held_until = 0.0
        self._answered_at = float("-inf")
        self.state = BreakerState.CLOSED
        self.last_error: SourceError | None = None

    @property
    def retry_after(self) -> float | None:
        """Seconds until the next call is let through; None while it would be now."""
        left = self._opened_until - self._clock()
        return left if left > 0 else None

    @property
    def held(self) -> float:
        """Seconds that the source has asked everybody to wait; 0 where it has not."""
        return max(0.0, self._held_until - self._clock())

    @contextmanager
    def guard(self) -> Iterator[None]:
        """Around one call: raises the last error where this is no time for it, and takes note of its outcome.

        Whatever the source has answered, a refusal too, shows that it is there; a call that is cancelled
        shows nothing.
        """
        is_trial = self._admit()
        started = self._clock()
        try:
            yield
        except SourceError as error:
            self._failed(error, started, is_trial=is_trial)
            raise
        except Exception:  # what the answer holds is no business of this one
            self._answered(is_trial=is_trial)
            raise
        except BaseException:
            if is_trial:
                self._opened_until = 0.0  # the next may try
            raise
        self._answered(is_trial=is_trial)
        if self.state is BreakerState.CLOSED:
            self.last_error = None

    def check(self) -> None:
        """Raise the last error, where this is no time to call."""
        left = self.retry_after
        if left is not None and self.last_error is not None:
            raise self.last_error.after(round(left, 3))

    def _admit(self) -> bool:
        # while one tries, the others wait for what comes of it, or for the next pause to end
        self.check()
        if self.state is BreakerState.CLOSED:
            return False
        self._opened_until = self._clock() + self._pause
        self._move(BreakerState.HALF_OPEN)
        return True

    def _answered(self, *, is_trial: bool) -> None:
        self._answered_at = self._clock()
        if is_trial:
            self._close()
        elif self.state is BreakerState.CLOSED:  # calls that were under way when it opened tell nothing new
            self._row = 0
            self._window.append((self._clock(), False))

    def _failed(self, error: SourceError, started: float, *, is_trial: bool) -> None:
        self.last_error = error
        if isinstance(error, Throttled) and error.retry_after is not None:
            self._held_until = self._clock() + min(error.retry_after, LONGEST_PAUSE)
        if not isinstance(error, _OWN_FAULT):
            self._answered(is_trial=is_trial)  # it is there, and says no
        elif is_trial:
            self._open(min(LONGEST_PAUSE, self._pause * 2))
        elif self.state is BreakerState.CLOSED:
            self._row += 1
            self._window.append((self._clock(), True))
            is_silent = isinstance(error, Silent) and self._answered_at < started
            if is_silent or self._row >= IN_A_ROW or self._failed_lately() >= OF_WINDOW:
                self._open(FIRST_PAUSE)

    def _failed_lately(self) -> int:
        since = self._clock() - REMEMBERED
        return sum(failed for when, failed in self._window if when >= since)

    def _open(self, pause: float) -> None:
        self._pause = pause
        self._opened_until = self._clock() + pause
        self._move(BreakerState.OPEN)

    def _close(self) -> None:
        self._row = 0
        self._window.clear()
        self._opened_until = 0.0
        self._move(BreakerState.CLOSED)

    def _move(self, state: BreakerState) -> None:
        if state is not self.state:
            self.state = state
            self._moved(state, self.last_error if state is not BreakerState.CLOSED else None)
