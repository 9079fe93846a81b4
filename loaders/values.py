"""One value at a time, from every spelling that a source has been seen to use. Nothing here raises."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import jiter

from loaders.records import TaskStatus

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
_LEADING_NUMBER = re.compile(r"\s*(\d+)")
_DECIMAL = re.compile(r"[+-]?\d+")


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
        if _DECIMAL.fullmatch(value):
            return time(int(value))
        return _iso(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not value or not math.isfinite(value):
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
    """A string that says something: "" and "null" say nothing; a number is written out, exactly."""
    if isinstance(value, str):
        return None if value in {"", "null"} else value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return None


def integer(value: object) -> int | None:
    """An integer, to the digit: from a number, a decimal string, or a float that is whole."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) <= 2**53 else None
    if isinstance(value, str) and len(value) <= 100 and _DECIMAL.fullmatch(value):
        return int(value)
    return None


def number(value: object) -> float | None:
    """A finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) else None


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


def from_json(data: bytes) -> Any:
    """Parse JSON with integers of any length kept exact. Raises ValueError."""
    return jiter.from_json(data, allow_inf_nan=False, cache_mode="keys")
