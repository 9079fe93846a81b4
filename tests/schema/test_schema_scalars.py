"""What the scalars take and give."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import pytest
from graphql import GraphQLError, parse_value

from schema.scalars import (
    read_big_int,
    read_big_int_literal,
    read_datetime,
    read_upload,
    read_url,
    show_big_int,
    show_datetime,
    show_json,
    show_upload,
)

NOT_STRINGS: list[object] = [None, 0, 1716358617124, 1.5, True, [], {}, b"2024"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (datetime(2024, 5, 22, 6, 16, 57, 124000, UTC), "2024-05-22T06:16:57.124Z"),
        (datetime(2024, 5, 22, 6, 16, 57, tzinfo=UTC), "2024-05-22T06:16:57Z"),
        (datetime(2024, 5, 22, 8, 16, 57, tzinfo=timezone(timedelta(hours=2))), "2024-05-22T06:16:57Z"),
        (datetime(2024, 5, 22, 6, 16, 57, 124999, UTC), "2024-05-22T06:16:57.124999Z"),
    ],
)
def test_a_time_is_shown_in_utc(value: datetime, text: str) -> None:
    """With Z, and with as many digits as there are."""
    assert show_datetime(value) == text


def test_a_naive_time_is_a_bug() -> None:
    """A record without a zone would be shown wrong."""
    with pytest.raises(ValueError, match="without a zone"):
        show_datetime(datetime(2024, 5, 22))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2024-05-22T06:16:57.124Z", datetime(2024, 5, 22, 6, 16, 57, 124000, UTC)),
        ("2024-05-22t06:16:57z", datetime(2024, 5, 22, 6, 16, 57, tzinfo=UTC)),
        ("2024-05-22 08:16:57+02:00", datetime(2024, 5, 22, 6, 16, 57, tzinfo=UTC)),
        ("2024-05-22T06:16:57.5-00:00", datetime(2024, 5, 22, 6, 16, 57, 500000, UTC)),
        ("2024-05-22T06:16:57.123456789Z", datetime(2024, 5, 22, 6, 16, 57, 123456, UTC)),
    ],
)
def test_a_time_is_read(text: str, value: datetime) -> None:
    """Every form of RFC 3339, with any offset."""
    assert read_datetime(text) == value


@pytest.mark.parametrize(
    "value",
    [
        *NOT_STRINGS,
        "",
        "yesterday",
        "2024-05-22",
        "2024-05-22T06:16:57",
        "2024-05-22T06:16Z",
        "20240522T061657Z",
        "2024-02-30T00:00:00Z",
        "2024-05-22T25:00:00Z",
        "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+23:59",
        "2024-05-22T06:16:57Z\n",
        "٢٠٢٤-05-22T06:16:57Z",
    ],
)
def test_what_is_no_time_is_refused(value: object) -> None:
    """The message says what was wanted."""
    with pytest.raises(GraphQLError, match=r"^Expected an RFC 3339 time with its zone"):
        read_datetime(value)


@pytest.mark.parametrize(
    "value",
    [
        "https://example.org/a.png?Signature=x",
        "http://127.0.0.1:9001/",
        "HTTPS://EXAMPLE.ORG",
        "data:image/png;base64,AA==",
    ],
)
def test_a_url_is_read_unchanged(value: str) -> None:
    """A signed URL must not be rewritten."""
    assert read_url(value) == value


@pytest.mark.parametrize(
    "value",
    [
        *NOT_STRINGS,
        "",
        "picture.png",
        "/picture.png",
        "//example.org/picture.png",
        "https://",
        "https:///picture.png",
        "https://exa mple.org/",
        "https://example.org:port/",
        "https://[::1/",
        "https://example.org/\n",
        "ftp://example.org/",
        "file:///etc/passwd",
        "javascript:alert(1)",
    ],
)
def test_what_is_no_url_is_refused(value: object) -> None:
    """The message says what was wanted and quotes nothing: a URL may hold a signature."""
    with pytest.raises(GraphQLError, match=r"^Expected an absolute http, https or data URL, as a string\.$"):
        read_url(value)


@pytest.mark.parametrize("value", [0, -1, 3283868009760115, 2**53 + 1, 18446744073709551615, 10**40])
def test_a_big_integer_survives(value: int) -> None:
    """Out as digits, back as digits or as a number, in a variable or in the document: always the same."""
    digits = show_big_int(value)

    assert digits == str(value)
    assert [
        read_big_int(digits),
        read_big_int(value),
        read_big_int_literal(parse_value(digits)),
        read_big_int_literal(parse_value(f'"{digits}"')),
    ] == [value] * 4


@pytest.mark.parametrize(
    "value", [None, True, 1.0, 1e300, "", " 1", "1.0", "1e3", "+1", "0x1", "١", "9" * 1001, [], {}]
)
def test_what_is_no_integer_is_refused(value: object) -> None:
    """A float above all: it has lost its digits already."""
    with pytest.raises(GraphQLError, match=r"^Expected an integer, or its decimal digits as a string"):
        read_big_int(value)


@pytest.mark.parametrize("literal", ["1.0", "true", "null", "[1]", "{a: 1}", "ONE", '"one"', "9" * 1001])
def test_no_other_literal_is_an_integer(literal: str) -> None:
    """The same in the document."""
    with pytest.raises(GraphQLError, match=r"^Expected an integer"):
        read_big_int_literal(parse_value(literal))


@pytest.mark.parametrize("value", [1.0, "1", True, None])
def test_only_integers_are_shown_as_such(value: object) -> None:
    """Anything else in a record is a bug."""
    with pytest.raises(TypeError, match="a BigInt is an int"):
        show_big_int(value)


def test_json_is_shown_without_loss() -> None:
    """Integers that JavaScript would round are strings; what JSON cannot write is null; the rest stays."""
    value = {
        "taskId": 1749902216266450789,
        "seed": 3283868009760115,
        "edge": [2**53 - 1, 2**53, -(2**53) + 1, -(2**53)],
        "cfg": (7.5, float("nan"), float("inf")),
        "deep": {"flag": True, "nothing": None, "text": "1749902216266450789"},
    }

    shown = show_json(value)

    assert shown == {
        "taskId": "1749902216266450789",
        "seed": 3283868009760115,
        "edge": [9007199254740991, "9007199254740992", -9007199254740991, "-9007199254740992"],
        "cfg": [7.5, None, None],
        "deep": {"flag": True, "nothing": None, "text": "1749902216266450789"},
    }
    assert json.loads(json.dumps(shown, allow_nan=False)) == shown


@pytest.mark.parametrize("read", [show_json, show_upload])
def test_what_is_no_json_is_a_bug(read: Callable[[object], object]) -> None:
    """Bytes are no JSON, and a file is never shown."""
    with pytest.raises(TypeError):
        read(object())


def test_an_upload_is_a_file_of_the_request() -> None:
    """A text in the file's place is refused; the transport's own object is passed on."""
    file = object()

    assert read_upload(file) is file
    with pytest.raises(GraphQLError, match=r"^Expected a file of a multipart request"):
        read_upload("picture.png")
