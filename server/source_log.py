"""When a source begins to fail and when it answers again: one line each, however often it is asked.

2026-11-25T19:35:19.120Z WARNING source fails server=pixai provider=PIXAI code=UPSTREAM_FAULT status=503
2026-11-25T19:36:02.004Z INFO source answers again server=pixai provider=PIXAI seconds=42.9
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from loaders.errors import OutOfCredit, Refused, Rejected, SourceError, Throttled
from loaders.observer import Observer
from loaders.records import Provider
from server import logs

QUIET = 60.0  # seconds of good answers, after which a source is trusted as before its last failure
MOST_ANSWERS = 64

_ABOUT_THE_KEY = (Refused, OutOfCredit, Throttled)


class SourceLog(Observer):
    """Makes a log for each server.

    own_keys: whether the server's own keys are used. Where callers bring theirs, a key that is refused says
    nothing about the source.
    """

    def __init__(self, *, own_keys: bool = True, clock: Callable[[], float] = time.monotonic) -> None:
        self._own_keys = own_keys
        self._clock = clock

    def of_server(self, name: str) -> Observer:
        """The log of one, which starts as one that answers."""
        return _ServerLog(name, () if self._own_keys else _ABOUT_THE_KEY, self._clock)


class _ServerLog(Observer):
    # A source of which every other call fails would have two lines a call. Each time that it fails again soon
    # after it was said to answer, twice as many good answers in a row are needed to say so again.

    def __init__(self, name: str, excused: tuple[type[SourceError], ...], clock: Callable[[], float]) -> None:
        self._name = name
        self._excused: tuple[type[SourceError], ...] = (Rejected, *excused)
        self._clock = clock
        self._failing_since: float | None = None
        self._answers_again_since = float("-inf")
        self._needed = 1
        self._row = 0  # good answers since the last failure

    def read_ended(self, provider: Provider, error: SourceError | None) -> None:
        """A request that is rejected was at fault itself: the source is there, and says so."""
        if error is None or isinstance(error, self._excused):
            self._answered(provider)
        else:
            self._failed(provider, error)

    def _failed(self, provider: Provider, error: SourceError) -> None:
        self._row = 0
        if self._failing_since is not None:
            return
        self._failing_since = now = self._clock()
        is_soon = now - self._answers_again_since < QUIET
        self._needed = min(MOST_ANSWERS, self._needed * 2) if is_soon else 1
        fields = {"server": self._name, "provider": provider.value}
        logs.write(
            logging.WARNING,
            "source fails",
            fields | {"code": error.code.value, "status": error.upstream_status},
        )

    def _answered(self, provider: Provider) -> None:
        if self._failing_since is None:
            return
        self._row += 1
        if self._row < self._needed:
            return
        now = self._clock()
        seconds = round(now - self._failing_since, 1)
        self._failing_since, self._answers_again_since = None, now
        fields = {"server": self._name, "provider": provider.value, "seconds": seconds}
        logs.write(logging.INFO, "source answers again", fields)
