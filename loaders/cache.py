"""What may be remembered, and for how long (seconds, by the wall clock, because URLs end by it).

All caches of the process share one bound, whoever's credential they belong to: where it is passed, the
largest cache gives way, so that nobody loses what he has to somebody who asks for more.

When an entry ends is worked out when it is first looked up: most pictures are never looked up again, and
reading the ends of their URLs takes as long as reading the rest of them.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, NamedTuple, TypeVar
from weakref import WeakSet

import orjson

from loaders.records import MediaDetails, MediaRecord, TaskRecord

MARGIN = 30.0  # a URL is not handed out in its last seconds
UNREADABLE = 60.0  # a URL that does not say when it ends
FINISHED = 300.0
RUNNING = 1.0
CHANGED = 60.0  # a list that was asked before a change may bring its rows so much later
REPEATABLE = 24 * 3600.0
ABSENT = 10.0  # whoever pages through a filter by id asks for the same absent ones on each page

MOST_BYTES = 256 * 2**20  # of all caches of the process
MOST_ENTRIES = 200_000
LARGEST_SHARE = 4  # of one cache: a quarter of all
LOOK = 64  # puts between two looks at the bound, and entries that are then looked at for their end
ENTRY = 600  # bytes that every entry takes, with its key, its place and its end
ENDED = 0.0

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Memory:
    """The bound that caches share. entries: how many; size: approximate bytes."""

    def __init__(self, *, size: int = MOST_BYTES, entries: int = MOST_ENTRIES) -> None:
        self.size = size
        self.entries = entries
        self._caches: WeakSet[Cache[Any]] = WeakSet()
        self._puts = 0

    def join(self, cache: Cache[Any]) -> None:
        """It counts from now on, until nobody holds it any more."""
        self._caches.add(cache)

    def used(self) -> tuple[int, int]:
        """Bytes and entries, now."""
        caches = list(self._caches)
        return sum(cache.size for cache in caches), sum(map(len, caches))

    def put(self, count: int) -> None:
        """After so many entries. What is found beyond the bound goes: 64 records have less than 1 MB."""
        self._puts += count
        if self._puts < LOOK:
            return
        self._puts = 0
        for cache in list(self._caches):
            cache.drop_ended()
        size, entries = self.used()
        while size > self.size or entries > self.entries:
            by_size = size > self.size
            largest = max(self._caches, key=lambda cache: cache.size if by_size else len(cache))
            largest.shrink(max(1, len(largest) // 64))
            size, entries = self.used()


PROCESS = Memory()  # one for the process: so is the memory that it bounds


@dataclass(slots=True, eq=False)
class Life:
    """Of one value in a cache. end: when it is over; ENDED once the value was dropped or replaced."""

    end: float


@dataclass(slots=True, eq=False)
class _Entry(Generic[V]):
    """put: when; end: None until it is first needed. life: None until somebody wants to know of it."""

    value: V
    size: int
    put: float
    end: float | None = None
    life: Life | None = None


class Kept(NamedTuple, Generic[V]):
    """A value in a cache, and how whoever shows it later can tell that it may still be shown."""

    value: V
    life: Life


class Cache(Generic[V]):
    """A bounded map whose entries know their end. A value with no time to live is never found again.

    size: approximate bytes of an entry with this value; None: `size_of`.
    keeps: seconds before an entry that nobody looks up is looked at for its end.
    """

    def __init__(
        self,
        lifetime: Callable[[V, float], float],
        *,
        size: Callable[[V], int] | None = None,
        keeps: float = FINISHED,
        clock: Callable[[], float] = time.time,
        memory: Memory = PROCESS,
    ) -> None:
        self.size = 0  # approximate bytes
        self._lifetime = lifetime
        self._size: Callable[[V], int] = size or size_of
        self._keeps = keeps
        self._clock = clock
        self._memory = memory
        self._most = memory.size // LARGEST_SHARE
        self._entries: OrderedDict[Hashable, _Entry[V]] = OrderedDict()  # the least recently used first
        memory.join(self)

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: Hashable) -> V | None:
        """The value, or None where there is none or its time is over."""
        entry = self._used(key, self._clock())
        return None if entry is None else entry.value

    def known(self, keys: Iterable[K]) -> dict[K, V]:
        """The values of those that are there and whose time is not over."""
        if not self._entries:
            return {}
        now = self._clock()
        return {key: entry.value for key in keys if (entry := self._used(key, now)) is not None}

    def _used(self, key: Hashable, now: float) -> _Entry[V] | None:
        entry = self._entries.get(key)
        if entry is None:
            return None
        if self._end(entry) <= now:
            self.drop(key)
            return None
        self._entries.move_to_end(key)
        return entry

    def kept(self, key: Hashable) -> Kept[V] | None:
        """What `get` returns, with its life; the entry is no more recently used by it."""
        entry = self._entries.get(key)
        if entry is None or (end := self._end(entry)) <= self._clock():
            return None
        if entry.life is None:
            entry.life = Life(end)
        return Kept(entry.value, entry.life)

    def put(self, key: Hashable, value: V) -> None:
        """Remember; what is larger than a cache may be is not kept."""
        self.put_all({key: value})

    def put_all(self, values: Mapping[K, V]) -> None:
        """The same of several. What is remembered already is no fresher for being brought again."""
        now = self._clock()
        for key, value in values.items():
            if (known := self._entries.get(key)) is not None:
                if known.value is value:
                    continue
                self.drop(key)
            size = self._size(value)
            if size > self._most:
                continue
            self._entries[key] = _Entry(value, size, now)
            self.size += size
            while self.size > self._most:
                self.shrink(1)
        self._memory.put(len(values))

    def drop(self, key: Hashable) -> None:
        """Forget one key."""
        entry = self._entries.pop(key, None)
        if entry is not None:
            self._let_go(entry)

    def drop_ended(self) -> None:
        """Forget some of those that nobody has looked up for long and nobody will get again."""
        now = self._clock()
        for _ in range(LOOK):
            key, entry = next(iter(self._entries.items()), ("", None))
            if entry is None or entry.put + self._keeps > now or self._end(entry) > now:
                return
            self.drop(key)

    def shrink(self, count: int) -> None:
        """Forget as many entries, those first that were not used for longest."""
        for _ in range(min(count, len(self._entries))):
            self._let_go(self._entries.popitem(last=False)[1])

    def clear(self) -> None:
        """Forget everything."""
        self.shrink(len(self._entries))

    def _let_go(self, entry: _Entry[V]) -> None:
        self.size -= entry.size
        if entry.life is not None:
            entry.life.end = ENDED

    def _end(self, entry: _Entry[V]) -> float:
        if entry.end is None:
            entry.end = entry.put + self._lifetime(entry.value, entry.put)
        return entry.end


def size_of(value: object) -> int:
    """Approximate bytes of an entry with this value."""
    measure = _SIZES.get(value.__class__)
    return ENTRY if measure is None else ENTRY + measure(value)


def task_size(task: TaskRecord) -> int:
    """Approximate bytes, most of them what it was read from.

    Its pictures count as part of what they are read from, whether they have been read or not. tracemalloc
    counts 5,530 a PixAI task of the sandbox (here: 5,200) and 4,010 one of Meshy's (4,530).
    """
    try:
        raw = len(orjson.dumps(task.raw))
    except TypeError:  # an integer of more than 64 bits
        raw = len(repr(task.raw))
    return 2_400 + 3 * raw


def media_size(media: MediaRecord) -> int:
    """Approximate bytes."""
    size = 1_000
    if media.details is not None:
        for url in media.details.urls:
            size += 300 + len(url.url)
    return size


_SIZES: Mapping[type, Callable[[Any], int]] = {TaskRecord: task_size, MediaRecord: media_size, bytes: len}


def task_lifetime(task: TaskRecord, now: float) -> float:
    """A finished task at most 5 minutes and never beyond its URLs; a running one a second."""
    if not task.is_terminal:
        return RUNNING
    shown = (*task.media, *((task.cover,) if task.cover is not None else ()))
    known = [media.details for media in shown if media.details is not None]
    return min([FINISHED, *(media_details_lifetime(details, now) for details in known)])


def media_lifetime(media: MediaRecord, now: float) -> float:
    """As long as its URLs, less a margin; a minute where they do not say."""
    return media_details_lifetime(media.details, now) if media.details is not None else 0.0


def media_details_lifetime(details: MediaDetails, now: float) -> float:
    """As `media_lifetime`. A picture that has no URL yet may get one any moment."""
    if not details.urls:
        return RUNNING
    ends = [_seconds_left(url.expires_at, now) for url in details.urls]
    return max(0.0, min(ends))


def _seconds_left(end: datetime | None, now: float) -> float:
    return UNREADABLE if end is None else end.timestamp() - now - MARGIN


def seed_lifetime(_seeds: object, _now: float) -> float:
    """A seed never changes."""
    return float("inf")


def absence_lifetime(_absent: object, _now: float) -> float:
    """What is not there may be there soon."""
    return ABSENT


def request_lifetime(_request: object, _now: float) -> float:
    """What a task was made with, as long as anybody may want it made again."""
    return REPEATABLE


def change_lifetime(_changed: object, _now: float) -> float:
    """A list that is under way may still bring what was so before."""
    return CHANGED
