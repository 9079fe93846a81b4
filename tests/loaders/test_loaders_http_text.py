"""What goes into a path, and what comes in a header."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from loaders.http import path_segment, retry_after
from tests.hostile import HOSTILE


@pytest.mark.parametrize(
    ("id", "segment"),
    [
        ("018a210d-8ba4", "018a210d-8ba4"),
        ("a/b", "a%2Fb"),
        ("a%2Fb", "a%252Fb"),
        ("a?b#c", "a%3Fb%23c"),
        ("a:b@c", "a%3Ab%40c"),
        ("🦊", "%F0%9F%A6%8A"),
        ("...", "..."),
        ("../x", None),
        ("..", None),
        (".", None),
        ("a/", None),
        ("..\\x", None),
        ("", None),
        ("\ud800", None),
    ],
)
def test_an_id_is_one_segment_of_a_path_or_none(id: str, segment: str | None) -> None:
    """What a server on the way would resolve, or cannot be encoded, is no id of anything."""
    assert path_segment(id) == segment


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_id_stays_one_segment(name: str) -> None:
    """No character is left that ends one."""
    segment = path_segment(HOSTILE[name])

    assert segment is None or not set(segment) & set('/?#\\ \r\n\0"')


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("3", 3), ("0", 0), ("", None), ("soon", None), ("-1", None), ("1.5", None), ("9" * 50, 999_999_999)],
)
def test_retry_after_in_seconds(value: str, seconds: float | None) -> None:
    """Bounded; None where it cannot be read."""
    assert retry_after({"Retry-After": value}) == seconds


def test_retry_after_as_a_date() -> None:
    """Never negative; a date that no calendar has is none."""
    later = datetime.now(UTC) + timedelta(hours=1)
    date = later.strftime("%a, %d %b %Y %H:%M:%S GMT")

    assert retry_after({"Retry-After": date}) == pytest.approx(3600, abs=60)
    assert retry_after({"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}) == 0
    assert retry_after({"Retry-After": "Wed, 99 Oct 99999 07:28:00 GMT"}) is None
