"""What a source is asked to make, checked before it is asked."""

from __future__ import annotations

import pytest

from loaders import creation_checks
from loaders.errors import BadInput


def test_integers_that_a_number_of_javascript_cannot_hold_become_texts() -> None:
    """At any depth; booleans are none."""
    given = {"a": 2**53, "b": [2**53 - 1, -(2**70), True, 0.5], "c": {"d": (None, "x")}}

    assert creation_checks.sendable(given) == {
        "a": "9007199254740992",
        "b": [9007199254740991, "-1180591620717411303424", True, 0.5],
        "c": {"d": [None, "x"]},
    }


@pytest.mark.parametrize("value", [{"a": "\ud800"}, {"\ud800": 1}, {"a": {"b": object()}}])
def test_what_json_cannot_write_is_no_parameter(value: dict[str, object]) -> None:
    """No client can send it; a bug of ours would end here."""
    with pytest.raises(BadInput, match="Invalid `parameters"):
        creation_checks.parameters(value, ())  # type: ignore[arg-type]


def test_no_parameters_are_an_empty_object() -> None:
    """As none at all."""
    assert creation_checks.parameters(None, ()) == creation_checks.parameters({}, ()) == {}


@pytest.mark.parametrize("text", ["", " \n\t", "\ud800", "a" * 32_769])
def test_a_text_is_not_blank(text: str) -> None:
    """Nor longer than any source takes, nor half of a character."""
    assert creation_checks.text("a fox", "prompt") == "a fox"

    with pytest.raises(BadInput, match="Invalid `prompt`: expected text of 1 to 32,768 characters"):
        creation_checks.text(text, "prompt")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -0.1])
def test_a_number_is_finite(value: float) -> None:
    """And not below 0."""
    assert [creation_checks.number(good, "x") for good in (None, 0.0, 7.5)] == [None, 0.0, 7.5]

    with pytest.raises(BadInput, match="Invalid `x`: expected a number of at least 0"):
        creation_checks.number(value, "x")
