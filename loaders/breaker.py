"""Leaves an ill source alone for a while, instead of adding to its storm.

PixAI answers sustained storms with blanket HTTP 500, sometimes for hours. After FAILURES calls in a row
that failed for the source's own reasons, the breaker opens: calls fail at once with the last error,
until the pause is over and one call is let through to try. A source that answers nobody at all for as long
as one call may take is left alone at the first.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from loaders.errors import Fault, SourceError, Throttled, TimedOut, Unreachable

FAILURES = 8
FIRST_PAUSE = 2.0  # seconds; doubles when the one call that is let through fails, too
LONGEST_PAUSE = 60.0

_OWN_FAULT = (Unreachable, TimedOut, Fault)


class Breaker:
    """Closed while calls succeed; open for `retry_after` seconds once too many failed in a row.

    Besides, it holds everybody back for as long as a Retry-After says.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures = 0
        self._pause = FIRST_PAUSE
        self._opened_until = 0.0
        self._held_until = 0.0
        self._answered_at = -math.inf
        self._is_tried = False
        self.last_error: SourceError | None = None

    @property
    def retry_after(self) -> float | None:
        """Seconds until the next call is let through; None while closed."""
        left = self._opened_until - self._clock()
        return left if left > 0 else None

    @property
    def held(self) -> float:
        """Seconds that the source has asked everybody to wait; 0 where it has not."""
        return max(0.0, self._held_until - self._clock())

    def check(self) -> None:
        """Raise the last error, if this is no time to call."""
        left = self.retry_after
        if left is not None and self.last_error is not None:
            raise self.last_error.after(round(left, 3))
        if self._failures >= FAILURES:
            # this caller tries; the others wait for what comes of it, or for the next pause to end
            self._is_tried = True
            self._opened_until = self._clock() + self._pause

    def succeeded(self) -> None:
        """A call was answered."""
        self._answered_at = self._clock()
        self._close()
        self.last_error = None

    def failed(self, error: SourceError, silence: float | None = None) -> None:
        """A call was not answered.

        silence: seconds after which a call times out for want of any answer. A source that has answered
        nobody for as long is left alone at once, so that the next callers need not wait like the first.
        """
        self.last_error = error
        if not isinstance(error, Unreachable | TimedOut):
            self._answered_at = self._clock()
        if isinstance(error, Throttled) and error.retry_after is not None:
            self._held_until = self._clock() + min(error.retry_after, LONGEST_PAUSE)
        if not isinstance(error, _OWN_FAULT):
            self._close()  # it is there, and says no
        elif self._is_tried:
            self._is_tried = False
            self._pause = min(LONGEST_PAUSE, self._pause * 2)
            self._opened_until = self._clock() + self._pause
        elif self._failures < FAILURES:  # the calls that were under way when it opened tell nothing new
            since = self._clock() - self._answered_at
            is_silent = isinstance(error, TimedOut) and silence is not None and since >= silence
            self._failures = FAILURES if is_silent else self._failures + 1
            if self._failures == FAILURES:
                self._opened_until = self._clock() + self._pause

    def _close(self) -> None:
        self._failures = 0
        self._pause = FIRST_PAUSE
        self._opened_until = 0.0
        self._is_tried = False
