"""Times that nobody has set, and addresses that are none."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from loaders import coerce

ZEROS = [
    "0001-01-01T00:00:00Z", "0001-01-01T00:00:00", "0001-01-01T08:05:43+08:05:43", "0001-12-31T23:59:59Z",
    "1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000Z", "1970-01-01T08:00:00+08:00", "1970-01-01", "0",
]  # fmt: skip


@pytest.mark.parametrize("sent", ZEROS)
def test_zero_times_are_unset(sent: str) -> None:
    """As languages write a time that nobody has set."""
    assert coerce.time(sent) is None


def test_a_time_just_after_zero_is_a_time() -> None:
    """A millisecond later."""
    assert coerce.time("1970-01-01T00:00:00.001Z") == datetime(1970, 1, 1, 0, 0, 0, 1000, tzinfo=UTC)


URLS = [
    "https://a.example/x?Expires=1#y", "http://127.0.0.1:9001/a", "http://[::1]:80/", "HTTPS://A.example",
    "https://a.example?x@y", "https://xn--9q8h.example/", "https://小猫.example/小猫.png",
    "https://a.example/a\\b",
]  # fmt: skip
NO_URLS = [
    "javascript:alert(1)", "data:image/png;base64,AAAA", "file:///etc/passwd", "ftp://a.example/", "blob:x",
    "/a/b.png", "a.png", "//a.example/x", "https:a.example", "https:/a.example", "https://", "https:///x",
    "https://user@a.example/", "https://user:secret@a.example/", "https://@a.example/",
    "https://a\\@b.example/",
    "http://:80/", "https://a.example:999999/", "https://a.example:b/", "https://a b/",
    "https://a.example/a b",
    "https://a.example/\n", "https://a.example/\r\nX: 1", "\thttps://a.example", " https://a.example",
    "https://a.example/\x00", "https://a%40b/", "https://a<b/", "", "null", 5,
    None, True, [], {}, b"https://a.b",
]  # fmt: skip


@pytest.mark.parametrize("sent", URLS)
def test_addresses(sent: str) -> None:
    """As they were sent."""
    assert coerce.url(sent) == sent


@pytest.mark.parametrize("sent", NO_URLS)
def test_what_is_no_absolute_http_address_is_none(sent: object) -> None:
    """Other schemes, relative ones, user info, and what a browser reads as another address."""
    assert coerce.url(sent) is None
