"""What is remembered, and for how long."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from loaders.cache import Cache, media_lifetime, task_lifetime
from loaders.records import (
    MediaDetails,
    MediaRecord,
    MediaUrl,
    MediaVariant,
    Provider,
    TaskRecord,
    TaskStatus,
)

NOW = 1_000_000.0


def url(seconds: float | None) -> MediaUrl:
    """A URL that ends in so many seconds; None: it does not tell."""
    end = None if seconds is None else datetime.fromtimestamp(NOW + seconds, UTC)
    return MediaUrl(variant=MediaVariant.PUBLIC, url="https://a.example/x", expires_at=end)


def media(*urls: MediaUrl, known: bool = True) -> MediaRecord:
    return MediaRecord(
        id="media:pixai:1",
        provider=Provider.PIXAI,
        provider_id="1",
        key="1",
        details=MediaDetails(urls=urls) if known else None,
    )


def task(*, terminal: bool, pictures: tuple[MediaRecord, ...] = ()) -> TaskRecord:
    return TaskRecord(
        id="task:pixai:1",
        provider=Provider.PIXAI,
        provider_id="1",
        key="1",
        status=TaskStatus.SUCCEEDED,
        provider_status="completed",
        is_terminal=terminal,
        media=pictures,
    )


@pytest.mark.parametrize(
    ("record", "seconds"),
    [
        (media(url(3600)), 3570),
        (media(url(3600), url(600)), 570),
        (media(url(None)), 60),
        (media(url(3600), url(None)), 60),
        (media(url(10)), 0),
        (media(url(-10)), 0),
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
        (task(terminal=False), 1),
        (task(terminal=True), 300),
        (task(terminal=True, pictures=(media(url(3600)),)), 300),
        (task(terminal=True, pictures=(media(url(90)),)), 60),
        (task(terminal=True, pictures=(media(known=False),)), 300),
    ],
)
def test_tasks_live_five_minutes_at_most(record: TaskRecord, seconds: float) -> None:
    """A running one a second; a finished one never longer than the URLs it holds."""
    assert task_lifetime(record, NOW) == seconds


def test_an_entry_ends_by_the_clock() -> None:
    """It is there until its time is over; one without any time is never there."""
    now = [NOW]
    cache: Cache[MediaRecord] = Cache(media_lifetime, clock=lambda: now[0])
    cache.put("lasting", media(url(100)))
    cache.put("ending", media(url(10)))

    assert (cache.get("lasting"), cache.get("ending")) == (media(url(100)), None)
    now[0] += 69
    assert cache.get("lasting") is not None
    now[0] += 2
    assert cache.get("lasting") is None


def test_it_is_bounded() -> None:
    """The entry that was not used for longest goes."""
    cache: Cache[str] = Cache(lambda _value, _now: 60, entries=2, clock=lambda: NOW)
    for key in "abc":
        cache.put(key, key)

    assert [cache.get(key) for key in "abc"] == [None, "b", "c"]
