"""Reading faults from a command line and from JSON."""

from __future__ import annotations

import dataclasses

import pytest

from sandbox import Fault
from sandbox.fault_text import READERS
from sandbox.faults import FaultFields

FIELDS = [item.name for item in dataclasses.fields(Fault)]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (
            "POST /graphql: status=429 retry-after=2 times=3",
            Fault("POST /graphql", status=429, retry_after=2, times=3),
        ),
        ("*: reset", Fault("*", reset=True)),
        (
            "GET /v1/media/{id}: truncated match=4596",
            Fault("GET /v1/media/{id}", truncated=True, match="4596"),
        ),
        ("*: latency=0.25", Fault(latency=0.25)),
        ("*: html status=502", Fault(html=True, status=502)),
        ("*: partial-errors", Fault(partial_errors=1.0)),
        ("*: partial-errors=0.1 message='not today'", Fault(partial_errors=0.1, message="not today")),
        ("*: max_aliases=20 code=TOO_COMPLEX", Fault(max_aliases=20, code="TOO_COMPLEX")),
    ],
)
def test_text_is_read_and_written(text: str, fault: Fault) -> None:
    """A fault survives being written as text and read again."""
    assert Fault.parse(text) == fault
    assert Fault.parse(str(fault)) == fault


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("status=429", "expected 'METHOD /path: name=value …' or '*: name=value …'"),
        ("*: colour=red", "'colour' is not a field of a fault; the fields are route, status"),
        ("*: status=many", "status=many: expected a whole number"),
        ("*: status=99", "status=99: expected 200-599"),
        ("*: partial-errors=2", "partial_errors=2.0: expected a fraction, 0-1"),
        ("*: times=3", "nothing goes wrong: expected status, latency or one of reset, truncated"),
        ("*: reset html", "expected one kind of fault, not reset and html"),
        ("*: reset status=500", "reset has no status; only html"),
        ("*: html retry-after=2", "retry_after needs a status"),
        ("*: status=500 times=0", "times=0: expected 1 or more"),
        ("*: status=500 message='open", "No closing quotation"),
    ],
)
def test_bad_text_is_explained(text: str, wrong: str) -> None:
    """A message quotes the text and says what was expected."""
    with pytest.raises(ValueError, match=r"^") as caught:
        Fault.parse(text)

    assert str(caught.value).startswith(f"{text!r}: ")
    assert wrong in str(caught.value)


def test_every_field_can_be_read() -> None:
    """Text, keywords and the dataclass agree on the fields."""
    assert list(READERS) == FIELDS
    assert ["route", *FaultFields.__annotations__] == FIELDS
