"""One value at a time, from every spelling that a source has been seen to use.

Nothing here raises, whatever is sent; `from_json` alone does, where a text is no JSON.
"""

from __future__ import annotations

import json
import logging
import math
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, NoReturn, TypeVar

import jiter

from loaders.errors import Malformed
from loaders.records import Provider, TaskStatus

_STATUS = {
    "": TaskStatus.QUEUED,
    "waiting": TaskStatus.QUEUED,
    "pending": TaskStatus.QUEUED,
    "not_start": TaskStatus.QUEUED,
    "submitted": TaskStatus.QUEUED,
    "running": TaskStatus.RUNNING,
    "in_progress": TaskStatus.RUNNING,
    "modal": TaskStatus.ACTION_REQUIRED,
    "completed": TaskStatus.SUCCEEDED,
    "succeeded": TaskStatus.SUCCEEDED,
    "success": TaskStatus.SUCCEEDED,
    "failed": TaskStatus.FAILED,
    "failure": TaskStatus.FAILED,
    "expired": TaskStatus.FAILED,
    "cancelled": TaskStatus.CANCELED,
    "canceled": TaskStatus.CANCELED,
    "cancel": TaskStatus.CANCELED,
}
FINISHED = frozenset({TaskStatus.SUCCEEDED, TaskStatus.FAILED, TaskStatus.CANCELED})

_MILLISECONDS_FROM = 10**11  # as seconds: the year 5138; as milliseconds: 1973
_LATEST = 10**15  # milliseconds: beyond the year 9999, where datetime ends
_MOST_DIGITS = 100  # no id, seed or price comes near; Python refuses to convert thousands of them
_TOO_LONG = 10**_MOST_DIGITS
_LEADING_NUMBER = re.compile(r"\s*(\d+)")
_DECIMAL = re.compile(r"[+-]?\d+")

_SURROGATE_ESCAPE = re.compile(rb"\\u[dD][89a-fA-F]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_DEEPEST = 200  # levels of nesting; jiter's own limit

log = logging.getLogger(__name__)

R = TypeVar("R")


def status(value: object) -> TaskStatus:
    """A source's word for where a task stands; a word not known yet is UNKNOWN."""
    if value is None:
        return TaskStatus.QUEUED
    return (
        _STATUS.get(value.strip().lower(), TaskStatus.UNKNOWN)
        if isinstance(value, str)
        else TaskStatus.UNKNOWN
    )


def time(value: object) -> datetime | None:
    """ISO 8601, epoch milliseconds or epoch seconds (told apart by magnitude), as aware UTC.

    0, "", null and whatever cannot be read mean unset: None.
    """
    if isinstance(value, str):
        return time(integer(value)) if _DECIMAL.fullmatch(value) else _iso(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not value:
        return None
    if not -_LATEST < value < _LATEST:  # nor is NaN
        return None
    milliseconds = round(value if abs(value) >= _MILLISECONDS_FROM else value * 1000)
    try:
        # by integers: a float of seconds would lose the last of the milliseconds' digits
        return datetime.fromtimestamp(milliseconds // 1000, UTC).replace(
            microsecond=milliseconds % 1000 * 1000
        )
    except (OverflowError, OSError, ValueError):
        return None


def _iso(value: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    try:
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError:
        return None


def progress(value: object) -> int | None:
    """Percent, 0-100: `"45%"`, `"100"`, `100`; None for "", words and null."""
    if isinstance(value, str):
        found = _LEADING_NUMBER.match(value)
        if found is None:
            return None
        value = int(found[1][:6])
    number = integer(value)
    return None if number is None else min(100, max(0, number))


def text(value: object) -> str | None:
    """A string that says something: "" and "null" say nothing; an integer is written out, exactly."""
    if isinstance(value, str):
        return None if value in {"", "null"} else value
    if isinstance(value, int) and (exact := integer(value)) is not None:
        return str(exact)
    return None


def integer(value: object) -> int | None:
    """An integer, to the digit: from a number, a decimal string, or a float that is whole.

    None beyond 100 digits.
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value if -_TOO_LONG < value < _TOO_LONG else None
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) <= 2**53 else None
    if isinstance(value, str) and len(value) <= _MOST_DIGITS and _DECIMAL.fullmatch(value):
        return int(value)
    return None


def int32(value: object) -> int | None:
    """An integer that GraphQL's Int can carry; None beyond."""
    exact = integer(value)
    return exact if exact is not None and -(2**31) <= exact < 2**31 else None


def number(value: object) -> float | None:
    """A finite number; None for an integer that no float reaches."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value) if math.isfinite(value) else None
    except OverflowError:
        return None


def mapping(value: object) -> Mapping[str, Any]:
    """An object, or an empty one."""
    return value if isinstance(value, Mapping) else {}


def items(value: object) -> list[Any]:
    """A list, or an empty one."""
    return value if isinstance(value, list) else []


def embedded(value: object) -> Any:
    """JSON inside a string, taken out: `"[1]"` -> [1]. Already taken out, it stays. Broken or empty: None."""
    if not isinstance(value, str):
        return value
    try:
        return from_json(value.encode()) if value else None
    except ValueError:
        return None


def record(
    normalise: Callable[[Mapping[str, Any], str], R], node: Mapping[str, Any], key: str, provider: Provider
) -> R | Malformed:
    """What the normaliser makes of one node; where it fails, which is a bug, Malformed for this key alone."""
    try:
        return normalise(node, key)
    except Exception as error:  # the log names it, but quotes nothing of what was sent
        log.error("%s: %.100r cannot be read (%s)", provider.label, key, type(error).__name__)
        return Malformed(f"{provider.label} sent something that cannot be read", provider=provider)


def is_text(key: str) -> bool:
    """Whether JSON and URLs can carry it: half of a surrogate pair they cannot, and it is no id."""
    try:
        key.encode()
    except UnicodeEncodeError:
        return False
    return True


def from_json(data: bytes) -> Any:
    """Parse JSON with integers of any length kept exact. Raises ValueError.

    Half of a surrogate pair becomes U+FFFD, the replacement character.
    """
    try:
        return jiter.from_json(data, allow_inf_nan=False, cache_mode="keys")
    except ValueError:
        # JavaScript cuts an emoji in two and sends the half, which is legal; jiter refuses it, as orjson
        # would on the way out
        if _SURROGATE_ESCAPE.search(data) is None:
            raise
    try:
        return _mended(json.loads(data.decode(), parse_constant=_refused), _DEEPEST)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _refused(_constant: str) -> NoReturn:
    raise ValueError("NaN and the infinities are no JSON")


def _mended(value: Any, depth: int) -> Any:
    if isinstance(value, str):
        return _SURROGATE.sub("\ufffd", value)
    if not isinstance(value, dict | list):
        return value
    if depth == 0:
        raise ValueError("nested too deeply")
    if isinstance(value, list):
        return [_mended(item, depth - 1) for item in value]
    return {_mended(key, 0): _mended(item, depth - 1) for key, item in value.items()}
