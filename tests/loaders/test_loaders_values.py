"""One value at a time: what a source sends, and what the graph says. Nothing raises."""

from __future__ import annotations

import math
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders import values
from loaders.records import TaskStatus

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
    assert values.status(sent) is status


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
    (math.nan, None),
    (math.inf, None),
    ("0001-01-01T00:00:00+23:00", None),
    ([], None),
]


@pytest.mark.parametrize(("sent", "moment"), TIMES)
def test_times(sent: object, moment: datetime | None) -> None:
    """ISO 8601, milliseconds and seconds, told apart by magnitude; 0, "" and null are unset."""
    assert values.time(sent) == moment


PROGRESS = [
    ("0%", 0), ("45%", 45), ("100%", 100), ("100", 100), (100, 100), (33.0, 33), ("250%", 100), (-3, 0),
    (10**40, 100), ("", None), ("Waiting", None), (None, None), (True, None), (33.5, None), ("9" * 200, 100),
]  # fmt: skip


@pytest.mark.parametrize(("sent", "percent"), PROGRESS)
def test_progress(sent: object, percent: int | None) -> None:
    """Percent, clamped; words and nothing are null."""
    assert values.progress(sent) == percent


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
    (True, None),
    (None, None),
]


@pytest.mark.parametrize(("sent", "number"), INTEGERS)
def test_integers(sent: object, number: int | None) -> None:
    """To the digit, or not at all."""
    assert values.integer(sent) == number


@pytest.mark.parametrize(
    ("sent", "text"),
    [("a", "a"), ("", None), ("null", None), (12, "12"), (True, None), (None, None), ([], None)],
)
def test_texts(sent: object, text: str | None) -> None:
    """The empty text says nothing; a number becomes its digits."""
    assert values.text(sent) == text


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
    assert values.embedded(sent) == found


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), st.lists))
def test_nothing_raises(sent: object) -> None:
    """Whatever a source sends."""
    for read in (values.status, values.time, values.progress, values.text, values.integer, values.number,
                 values.embedded, values.items, values.mapping):  # fmt: skip
        read(sent)


def test_json_keeps_integers_of_any_length() -> None:
    """The parser is chosen for this: others make a float of what exceeds 64 bits."""
    text = b'{"a": 18446744073709551616, "b": 123456789012345678901234567890, "c": -9223372036854775809}'

    assert values.from_json(text) == {
        "a": 2**64,
        "b": 123456789012345678901234567890,
        "c": -(2**63) - 1,
    }


@pytest.mark.parametrize("text", [b"", b"{", b"NaN", b"<html>", b'{"a": Infinity}', b"\xff"])
def test_json_that_is_none_is_a_value_error(text: bytes) -> None:
    """One exception for everything that is not JSON."""
    with pytest.raises(ValueError):  # noqa: PT011 - the parser's own words do not matter
        values.from_json(text)
