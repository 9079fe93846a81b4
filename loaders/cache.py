"""What may be remembered, and for how long (seconds, by the wall clock, because URLs end by it)."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from typing import Generic, TypeVar

from cachetools import TLRUCache

from loaders.records import MediaDetails, MediaRecord, TaskRecord

ENTRIES = 10_000  # per kind and credential; a record takes 1 to 3 KB
MARGIN = 30.0  # a URL is not handed out in its last seconds
UNREADABLE = 60.0  # a URL that does not tell when it ends
FINISHED = 300.0
RUNNING = 1.0

V = TypeVar("V")


class Cache(Generic[V]):
    """A bounded map whose entries know their end. A value with no time to live is not kept."""

    def __init__(
        self,
        lifetime: Callable[[V, float], float],
        *,
        entries: int = ENTRIES,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._lifetime = lifetime
        self._clock = clock
        self._entries: TLRUCache[str, V] = TLRUCache(entries, self._end, timer=clock)

    def _end(self, _key: str, value: V, now: float) -> float:
        return now + self._lifetime(value, now)

    def get(self, key: str) -> V | None:
        """The value, or None where there is none or its time is over."""
        return self._entries.get(key)

    def put(self, key: str, value: V) -> None:
        """Remember; a value whose time is over already is dropped at once."""
        self._entries[key] = value

    def drop(self, key: str) -> None:
        """Forget one key."""
        self._entries.pop(key, None)


def task_lifetime(task: TaskRecord, now: float) -> float:
    """A finished task at most 5 minutes and never beyond its URLs; a running one a second."""
    if not task.is_terminal:
        return RUNNING
    shown = (*task.media, *((task.cover,) if task.cover is not None else ()))
    known = [media.details for media in shown if media.details is not None]
    return min([FINISHED, *(media_details_lifetime(details, now) for details in known)])


def media_lifetime(media: MediaRecord, now: float) -> float:
    """As long as its URLs, less a margin; a minute where they do not tell."""
    return media_details_lifetime(media.details, now) if media.details is not None else 0.0


def media_details_lifetime(details: MediaDetails, now: float) -> float:
    """See media_lifetime. A picture that has no URL yet may get one any moment."""
    if not details.urls:
        return RUNNING
    ends = [_seconds_left(url.expires_at, now) for url in details.urls]
    return max(0.0, min(ends))


def _seconds_left(end: datetime | None, now: float) -> float:
    return UNREADABLE if end is None else end.timestamp() - now - MARGIN


def seed_lifetime(_seeds: object, _now: float) -> float:
    """A seed never changes."""
    return float("inf")
