"""One value at a time: what a source sends, and what the graph says. Nothing raises."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loaders import coerce, exact_json
from loaders.errors import Malformed
from loaders.records import Provider, TaskStatus

STATUSES: dict[TaskStatus, list[object]] = {
    TaskStatus.QUEUED: ["waiting", "PENDING", "NOT_START", "SUBMITTED", "", None],
    TaskStatus.RUNNING: ["running", "IN_PROGRESS"],
    TaskStatus.ACTION_REQUIRED: ["MODAL"],
    TaskStatus.SUCCEEDED: ["completed", "SUCCEEDED", "SUCCESS", "Completed", " completed "],
    TaskStatus.FAILED: ["failed", "FAILED", "FAILURE", "EXPIRED"],
    TaskStatus.CANCELED: ["cancelled", "canceled", "CANCELED", "CANCEL", "Cancelled"],
    TaskStatus.UNKNOWN: ["paused", "42", 7, [], {}, True],
}


@pytest.mark.parametrize(("sent", "status"), [(sent, s) for s, all_ in STATUSES.items() for sent in all_])
def test_statuses(sent: object, status: TaskStatus) -> None:
    """Every spelling, in any case; what is not known is UNKNOWN."""
    assert coerce.status(sent) is status


MOMENT = datetime(2024, 5, 22, 6, 16, 57, 124_000, UTC)
SECOND = MOMENT.replace(microsecond=0)
TIMES = [
    ("2024-05-22T06:16:57.124Z", MOMENT),
    ("2024-05-22T15:16:57.124+09:00", MOMENT),
    ("2024-05-22T06:16:57.124", MOMENT),
    ("2024-05-22T06:16:57Z", SECOND),
    ("2024-05-22T06:16:57.124456Z", MOMENT.replace(microsecond=124_456)),
    (1716358617124, MOMENT),
    (1716358617, SECOND),
    ("1716358617124", MOMENT),
    (1716358617.124, MOMENT),
    (0, None),
    ("0", None),
    ("", None),
    (None, None),
    (False, None),
    ("soon", None),
    (10**30, None),
    (1e300, None),
    (math.nan, None),
    (math.inf, None),
    ("0001-01-01T00:00:00+23:00", None),
    ([], None),
]


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


@pytest.mark.parametrize(("sent", "moment"), TIMES)
def test_times(sent: object, moment: datetime | None) -> None:
    """ISO 8601, milliseconds and seconds, told apart by magnitude; 0, "" and null are unset."""
    assert coerce.time(sent) == moment


PROGRESS = [
    ("0%", 0), ("45%", 45), ("100%", 100), ("100", 100), (100, 100), (33.0, 33), ("250%", 100), (-3, 0),
    (10**40, 100), ("", None), ("Waiting", None), (None, None), (True, None), (33.5, None), ("9" * 200, 100),
    (math.inf, None), (math.nan, None), ("\ud83d%", None), ([], None),
]  # fmt: skip


@pytest.mark.parametrize(("sent", "percent"), PROGRESS)
def test_progress(sent: object, percent: int | None) -> None:
    """Percent, clamped; words and nothing are null."""
    assert coerce.progress(sent) == percent


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


INTEGERS = [
    (3283868009760115, 3283868009760115),
    ("18446744073709551615", 18446744073709551615),
    (123456789012345678901234567890, 123456789012345678901234567890),
    ("-1", -1),
    (7.0, 7),
    (7.5, None),
    (1e300, None),
    ("", None),
    ("12a", None),
    ("9" * 101, None),
    (10**100, None),
    (1 - 10**100, 1 - 10**100),
    (math.inf, None),
    (True, None),
    (None, None),
]


@pytest.mark.parametrize(("sent", "number"), INTEGERS)
def test_integers(sent: object, number: int | None) -> None:
    """To the digit, or not at all."""
    assert coerce.integer(sent) == number


@pytest.mark.parametrize(
    ("sent", "carried"),
    [
        (512, 512),
        ("512", 512),
        (2**31 - 1, 2**31 - 1),
        (-(2**31), -(2**31)),
        (2**31, None),
        (-(2**31) - 1, None),
        (1e12, None),
        (None, None),
    ],
)
def test_integers_for_graphqls_int(sent: object, carried: int | None) -> None:
    """32 bits with a sign; what is beyond would fail its field."""
    assert coerce.int32(sent) == carried


@pytest.mark.parametrize(
    ("sent", "number"),
    [(4.83, 4.83), (5, 5.0), (10**308, 1e308), (math.inf, None), (math.nan, None),
     (True, None), ("4", None), (None, None)],
)  # fmt: skip
def test_numbers(sent: object, number: float | None) -> None:
    """Finite ones, as a float."""
    assert coerce.number(sent) == number


@pytest.mark.parametrize(
    ("sent", "text"),
    [
        ("a", "a"),
        ("", None),
        ("null", None),
        (12, "12"),
        (True, None),
        (None, None),
        ([], None),
    ],
)
def test_texts(sent: object, text: str | None) -> None:
    """The empty text says nothing; a number becomes its digits."""
    assert coerce.text(sent) == text


@pytest.mark.parametrize(
    ("sent", "found"),
    [
        ('["a"]', ["a"]),
        ('[{"url":"a"}]', [{"url": "a"}]),
        ("[]", []),
        ("null", None),
        ("", None),
        ("{broken", None),
        (["a"], ["a"]),
        (None, None),
    ],
)
def test_json_inside_a_string(sent: object, found: object) -> None:
    """Taken out; broken text degrades."""
    assert coerce.embedded(sent) == found


@pytest.mark.parametrize(
    "sent", [10**400, -(10**400), 10**5000, -(10**5000), "9" * 5000, "-" + "9" * 5000], ids=range(6)
)
def test_numbers_too_long_for_anything(sent: int | str) -> None:
    """Python converts no 4,301 digits and no float reaches 10**309: they say nothing."""
    assert coerce.time(sent) is None
    assert coerce.integer(sent) is None
    assert coerce.int32(sent) is None
    assert coerce.number(sent) is None
    assert coerce.text(sent) == (sent if isinstance(sent, str) else None)


ANYTHING = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.builds(
        lambda digits, sign: sign * 10**digits, st.integers(0, 6000), st.sampled_from([1, -1])
    )
    | st.floats()
    | st.text()
    | st.text(st.characters())  # halves of surrogate pairs, too
    | st.builds(lambda one, times, unit: one * times + unit, st.sampled_from("09-٣²"), st.integers(0, 6000),
                st.sampled_from(["", "%", ".5", "Z"]))
    | st.datetimes().map(lambda moment: moment.isoformat())
)  # fmt: skip


@settings(deadline=None)
@given(st.recursive(ANYTHING, st.lists))
def test_nothing_raises(sent: object) -> None:
    """Whatever a source sends."""
    for read in (coerce.status, coerce.time, coerce.progress, coerce.text, coerce.integer, coerce.int32,
                 coerce.number, coerce.embedded, coerce.items, coerce.mapping):  # fmt: skip
        read(sent)


def test_json_keeps_integers_of_any_length() -> None:
    """The parser is chosen for this: others make a float of what exceeds 64 bits."""
    text = b'{"a": 18446744073709551616, "b": 123456789012345678901234567890, "c": -9223372036854775809}'

    assert exact_json.loads(text) == {
        "a": 2**64,
        "b": 123456789012345678901234567890,
        "c": -(2**63) - 1,
    }


@pytest.mark.parametrize("text", [b"", b"{", b"NaN", b"<html>", b'{"a": Infinity}', b"\xff"])
def test_json_that_is_none_is_a_value_error(text: bytes) -> None:
    """One exception for everything that is not JSON."""
    with pytest.raises(ValueError):  # noqa: PT011 - the parser's own words do not matter
        exact_json.loads(text)


HALVES: list[tuple[bytes, object]] = [
    (rb'"\ud83d"', "\ufffd"),
    (rb'"a \uD83D b \udc00"', "a \ufffd b \ufffd"),
    (rb'{"p\udfff": [{"q": "\ud83d\ude00 \ud83d"}]}', {"p\ufffd": [{"q": "😀 \ufffd"}]}),
    (rb'["\ud83d", 123456789012345678901234567890, 1.5, true, null]',
     ["\ufffd", 123456789012345678901234567890, 1.5, True, None]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "found"), HALVES)
def test_half_of_a_surrogate_pair_is_replaced(text: bytes, found: object) -> None:
    """Legal JSON, and what JavaScript makes of an emoji that it cuts in two; the rest is exact."""
    assert exact_json.loads(text) == found
    assert coerce.embedded(text.decode()) == found


@pytest.mark.parametrize(
    "text",
    [
        rb'["\ud83d", NaN]',
        rb'["\ud83d", -Infinity]',
        rb'["\ud83d"',
        b'["\\ud83d", "\xff"]',
        b'["\\ud83d", ' + b"9" * 5000 + b"]",
        b"[" * 300 + rb'"\ud83d"' + b"]" * 300,
        b"[" * 100_000 + rb'"\ud83d"' + b"]" * 100_000,
    ],
    ids=range(7),
)
def test_half_a_pair_excuses_nothing_else(text: bytes) -> None:
    """NaN, what is cut off, what is no UTF-8, and what is too long or too deep stay refused."""
    with pytest.raises(ValueError):  # noqa: PT011 - the parser's own words do not matter
        exact_json.loads(text)


def test_a_node_that_cannot_be_read_is_malformed(caplog: pytest.LogCaptureFixture) -> None:
    """Logged by the kind of failure and the key; nothing of what was sent is quoted."""

    def normalise(node: Mapping[str, Any], key: str) -> str:
        return f"{key} is {node['name'].upper()}"

    read = coerce.record(normalise, {"name": "fox"}, "1", Provider.PIXAI)
    odd = coerce.record(normalise, {"secret": "fox"}, "2\n\ud83d" + "x" * 200, Provider.PIXAI)

    assert read == "1 is FOX"
    assert isinstance(odd, Malformed)
    assert odd.provider is Provider.PIXAI
    assert "fox" not in caplog.text
    (message,) = caplog.messages
    assert message.startswith("PixAI: '2\\n\\ud83dxxx")
    assert message.endswith(" cannot be read (KeyError)")
    assert len(message) < 160
