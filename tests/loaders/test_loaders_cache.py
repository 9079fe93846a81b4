"""What is remembered, for how long, and how much of it."""

from __future__ import annotations

import gc
import json
import tracemalloc
from typing import Any

import pytest

from loaders import exact_json
from loaders.cache import (
    ENDED,
    ENTRY,
    Cache,
    Memory,
    media_lifetime,
    media_size,
    size_of,
    task_lifetime,
    task_size,
)
from loaders.pixai import normalise
from loaders.records import MediaRecord, TaskRecord
from sandbox import Sandbox
from tests.factories import media, task, url
from tests.loaders.contract import PIXAI
from tests.loaders.pixai_served import served

NOW = 1_000_000.0


@pytest.mark.parametrize(
    ("record", "seconds"),
    [
        (media(url(ends=NOW + 3600)), 3570),
        (media(url(ends=NOW + 3600), url(ends=NOW + 600)), 570),
        (media(url()), 60),
        (media(url(ends=NOW + 3600), url()), 60),
        (media(url(ends=NOW + 10)), 0),
        (media(url(ends=NOW - 10)), 0),
        (media(), 1),
        (media(known=False), 0),
    ],
)
def test_media_live_as_long_as_their_urls(record: MediaRecord, seconds: float) -> None:
    """Less half a minute; a minute where the URL does not tell; a second while there is none."""
    assert media_lifetime(record, NOW) == seconds


@pytest.mark.parametrize(
    ("record", "seconds"),
    [
        (task(is_terminal=False), 1),
        (task(), 300),
        (task(media=(media(url(ends=NOW + 3600)),)), 300),
        (task(media=(media(url(ends=NOW + 90)),)), 60),
        (task(media=(media(known=False),)), 300),
        (task(cover=media(url(ends=NOW + 90))), 60),
    ],
)
def test_tasks_live_five_minutes_at_most(record: TaskRecord, seconds: float) -> None:
    """A running one a second; a finished one never longer than the URLs it holds."""
    assert task_lifetime(record, NOW) == seconds


def test_an_entry_ends_by_the_clock() -> None:
    """It is there until its time is over; one without any time is never there."""
    now = [NOW]
    cache: Cache[MediaRecord] = Cache(media_lifetime, clock=lambda: now[0])
    cache.put("lasting", media(url(ends=NOW + 100)))
    cache.put("ending", media(url(ends=NOW + 10)))

    assert (cache.get("lasting"), cache.get("ending")) == (media(url(ends=NOW + 100)), None)
    now[0] += 69
    assert cache.get("lasting") is not None
    now[0] += 2
    assert cache.get("lasting") is None


def test_one_cache_takes_a_quarter_of_all() -> None:
    """The entry that was not used for longest goes; a value that is larger than that is not kept."""
    memory = Memory(size=ENTRY * 4 * 2)
    cache: Cache[object] = Cache(lambda _value, _now: 60, memory=memory)
    for key in "abc":
        cache.put(key, key)
    cache.put("d", task(raw={"text": "x" * ENTRY * 10}))

    assert [cache.get(key) for key in "abcd"] == [None, "b", "c", None]


@pytest.mark.parametrize(
    "memory", [Memory(entries=1000), Memory(size=ENTRY * 1000)], ids=["entries", "bytes"]
)
def test_all_caches_share_one_bound_and_the_largest_gives_way(memory: Memory) -> None:
    """Ten callers with a hundred keys each lose nothing to one with thousands, who loses his oldest."""
    callers: list[Cache[str]] = [Cache(lambda _value, _now: 60, memory=memory) for _ in range(10)]
    for caller in callers[:5]:
        for number in range(100):
            caller.put(str(number), "x")
    greedy = Cache[str](lambda _value, _now: 60, memory=memory)
    for number in range(20_000):
        greedy.put(str(number), "x")

    assert [len(caller) for caller in callers] == [100] * 5 + [0] * 5
    assert greedy.get("19999") == "x"
    size, entries = memory.used()
    assert size <= memory.size + 64 * ENTRY
    assert entries <= memory.entries + 64


def test_what_nobody_holds_any_more_does_not_count() -> None:
    """An account that is gone has left its space to the others."""
    memory = Memory()
    cache = Cache[str](lambda _value, _now: 60, memory=memory)
    cache.put("a", "x")
    assert memory.used() == (ENTRY, 1)

    del cache
    gc.collect()

    assert memory.used() == (0, 0)


async def test_the_estimate_is_what_a_record_takes(box: Sandbox) -> None:
    """Within a third of what is allocated, over 200 tasks that PixAI documents the form of.

    Every string is its task's own: short ones that come again take less, because they are made only once.
    """
    async with served(box.pixai.url, box.pixai.key) as pixai:
        found = await pixai.tasks(*list(PIXAI)[:200])
    tasks = [task for task in found.values() if isinstance(task, TaskRecord)]
    bodies = [json.dumps(own(task.raw, number)).encode() for number, task in enumerate(tasks)]
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        records = [normalise.task(exact_json.loads(body), "1749902216266450789") for body in bodies]
        taken = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()

    assert sum(map(task_size, records)) == pytest.approx(taken, rel=0.33)


def own(value: Any, number: int) -> Any:
    """The same, with strings of the same length that no other number has."""
    if isinstance(value, dict):
        return {name: own(one, number) for name, one in value.items()}
    if isinstance(value, list):
        return [own(one, number) for one in value]
    return f"{number:03}{value[3:]}" if isinstance(value, str) else value


def test_whatever_has_a_size() -> None:
    """A task with an integer that JSON's writer refuses; a medium; anything else is small."""
    assert task_size(task(raw={"seed": 10**30})) > task_size(task(raw={"seed": 1}))
    assert media_size(media(url())) > media_size(media(known=False))
    assert (size_of("anything"), size_of(media())) == (ENTRY, ENTRY + media_size(media()))


def test_a_life_ends_with_its_entry() -> None:
    """Dropped, replaced, ended by the clock, pushed out or cleared: whoever shows the value can tell."""
    now = [NOW]
    cache: Cache[str] = Cache(lambda _value, _now: 60, clock=lambda: now[0], memory=Memory())
    for key in "abcde":
        cache.put(key, key)
    found = {key: kept for key in "abcde" if (kept := cache.kept(key)) is not None}
    assert {key: (kept.value, kept.life.end) for key, kept in found.items()} == {
        key: (key, NOW + 60) for key in "abcde"
    }

    cache.drop("a")
    cache.put("b", "b")
    cache.shrink(1)  # c: the others were put later
    assert [found[key].life.end for key in "abcde"] == [ENDED, ENDED, ENDED, NOW + 60, NOW + 60]
    now[0] += 61
    assert (cache.kept("d"), cache.kept("none")) == (None, None)
    cache.clear()

    assert {kept.life.end for kept in found.values()} == {ENDED}
    assert (len(cache), cache.size) == (0, 0)


def test_a_size_of_its_own() -> None:
    """What is no record says how large it is."""
    cache: Cache[bytes] = Cache(lambda _value, _now: 60, size=lambda value: 7 * len(value), memory=Memory())

    cache.put(b"a key may be anything that has a hash", b"four")

    assert (cache.size, cache.get(b"a key may be anything that has a hash")) == (28, b"four")
