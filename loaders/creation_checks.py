"""What every source expects of what it is asked to make. The checks raise BadInput, naming the field."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import Any

import orjson

from loaders import coerce, public_url
from loaders.errors import BadInput
from loaders.records import JSON

LONGEST_TEXT = 32_768  # characters of a prompt; no source takes so many
_EXACT = 2**53 - 1  # JavaScript's numbers are exact up to here


def text(value: str, field: str) -> str:
    """A text that is not blank."""
    if not value.strip() or len(value) > LONGEST_TEXT or not coerce.is_text(value):
        raise BadInput(f"Invalid `{field}`: expected text of 1 to {LONGEST_TEXT:,} characters")
    return value


def optional_text(value: str | None, field: str) -> str | None:
    """The same, or none."""
    return None if value is None else text(value, field)


def whole(value: int | None, field: str, least: int = 1) -> int | None:
    """A whole number from so many on."""
    if value is not None and value < least:
        raise BadInput(f"Invalid `{field}`: expected a whole number of at least {least}")
    return value


def number(value: float | None, field: str, most: float | None = None) -> float | None:
    """From 0 on; most: up to it."""
    if value is not None and not (
        math.isfinite(value) and 0 <= value <= (most if most is not None else value)
    ):
        raise BadInput(
            f"Invalid `{field}`: expected a number of at least 0"
            + ("" if most is None else f", at most {most:g}")
        )
    return value


def parameters(value: Mapping[str, JSON] | None, allowed: Collection[str]) -> dict[str, Any]:
    """An object as it is sent: integers that JavaScript could not read exactly become texts.

    allowed: origins of URLs that pass although they are not public.
    """
    if value is None:
        return {}
    public_url.check_inside(value, "parameters", allowed)
    sent = {name: sendable(item) for name, item in value.items()}
    try:
        orjson.dumps(sent)
    except TypeError:  # half of a surrogate pair, a number that is none
        raise BadInput("Invalid `parameters`: expected an object that JSON can write") from None
    return sent


def sendable(value: Any) -> Any:
    """3283868009760115 as it is; 12345678901234567890 -> "12345678901234567890"."""
    if isinstance(value, Mapping):
        return {name: sendable(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [sendable(item) for item in value]
    if isinstance(value, int) and not isinstance(value, bool) and not -_EXACT <= value <= _EXACT:
        return str(value)
    return value
