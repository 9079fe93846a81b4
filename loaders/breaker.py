"""Leaves an ill source alone for a while, instead of adding to its storm.

PixAI answers sustained storms with blanket HTTP 500, sometimes for hours. After FAILURES calls in a row
that failed for the source's own reasons, the breaker opens: calls fail at once with the last error,
until the pause is over and one call is let through to try.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from loaders.errors import Fault, SourceError, TimedOut, Unreachable

FAILURES = 8
FIRST_PAUSE = 2.0  # seconds; doubles with every failed try
LONGEST_PAUSE = 60.0

_OWN_FAULT = (Unreachable, TimedOut, Fault)


class Breaker:
    """Closed while calls succeed; open for `retry_after` seconds once too many failed in a row."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures = 0
        self._pause = FIRST_PAUSE
        self._opened_until = 0.0
        self.last_error: SourceError | None = None

    @property
    def retry_after(self) -> float | None:
        """Seconds until the next call is let through; None while closed."""
        left = self._opened_until - self._clock()
        return left if left > 0 else None

    def check(self) -> None:
        """Raise the last error, if this is no time to call."""
        left = self.retry_after
        if left is not None and self.last_error is not None:
            raise self.last_error.after(round(left, 3))

    def succeeded(self) -> None:
        """A call was answered."""
        self._failures = 0
        self._pause = FIRST_PAUSE
        self._opened_until = 0.0
        self.last_error = None

    def failed(self, error: SourceError) -> None:
        """A call was not answered."""
        self.last_error = error
        if not isinstance(error, _OWN_FAULT):
            return
        self._failures += 1
        if self._failures >= FAILURES:
            self._opened_until = self._clock() + self._pause
            self._pause = min(LONGEST_PAUSE, self._pause * 2)
