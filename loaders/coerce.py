"""One value at a time, from every spelling that a source has been seen to use.

Nothing here raises, whatever is sent.
"""

from __future__ import annotations

import logging
import math
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

from loaders import exact_json
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
# No character that a browser drops or reads as another: `https://a\@b` leads to b. Searched, not parsed: each
# URL that is fetched comes through here.
_URL = re.compile(
    r"""https?://
        (?:\[[0-9a-f:.]+\] | [^\s\x00-\x20\x7f/?\#@:\\\[\]<>"^`{|}%]+)
        (?::\d{1,5})?
        (?:[/?\#][^\s\x00-\x20\x7f]*)?""",
    re.IGNORECASE | re.VERBOSE,
)
# Nearly all URLs of a source begin alike: looking up what was right before takes half as long as the pattern.
_ORIGINS: set[str] = set()
_MOST_ORIGINS = 256  # beyond them, the pattern decides
_LONGEST_ORIGIN = 100  # characters
_AFTER_SCHEME = len("https://")
_PLAIN = bytes(range(0x21, 0x7F))
_EPOCH = datetime.fromtimestamp(0, UTC)


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
    """ISO 8601, epoch milliseconds or epoch seconds (distinguished by magnitude), as aware UTC.

    0, "", null, `0001-01-01T00:00:00Z`, `1970-01-01T00:00:00Z` and whatever cannot be read mean unset: None.
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


def is_over(status: TaskStatus, finished_at: object) -> bool:
    """Whether a task has ended: an unknown word is taken for an end where the task has a finishing time.

    finished_at: as it was sent.
    """
    return status in FINISHED or (status is TaskStatus.UNKNOWN and time(finished_at) is not None)


def seconds_between(start: datetime | None, end: datetime | None) -> float | None:
    """None where either is not known, or they are the wrong way round."""
    if start is None or end is None or end < start:
        return None
    return (end - start).total_seconds()


def _iso(value: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    try:
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError:
        return None
    # what an unset time is written as in Go and elsewhere
    return None if moment.year == 1 or moment == _EPOCH else moment


def progress(value: object) -> int | None:
    """Percent, 0-100: `"45%"`, `"100"`, `100`; None for "", words and null."""
    if isinstance(value, str):
        found = _LEADING_NUMBER.match(value)
        if found is None:
            return None
        value = int(found[1][:6])
    number = integer(value)
    return None if number is None else min(100, max(0, number))


def word(value: object) -> str:
    """A string as it was sent; "" for whatever else."""
    return value if isinstance(value, str) else ""


def text(value: object) -> str | None:
    """A string that says something: "" and "null" say nothing; an integer is written out, exactly."""
    if isinstance(value, str):
        return None if value in {"", "null"} else value
    if isinstance(value, int) and (exact := integer(value)) is not None:
        return str(exact)
    return None


def url(value: object) -> str | None:
    """An absolute http(s) address without user info, as it was sent; None for whatever else claims to be one.

    `javascript:…`, `data:…`, `file:…`, `/relative`, `//host/x`, `https://user@host/` and 5 are None.
    """
    if not isinstance(value, str):
        return None
    # a known origin ends at the first slash behind its scheme; anything plain may follow
    end = value.find("/", _AFTER_SCHEME)
    if end > 0 and value[:end] in _ORIGINS and value.isascii() and not value.encode().translate(None, _PLAIN):
        return value
    if _URL.fullmatch(value) is None:
        return None
    if 0 < end <= _LONGEST_ORIGIN and len(_ORIGINS) < _MOST_ORIGINS:
        _ORIGINS.add(value[:end])
    return value


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
    exact = value if value.__class__ is int else integer(value)
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
    # a dict nearly always: asking an abstract class takes five times as long
    return value if value.__class__ is dict or isinstance(value, Mapping) else {}


def items(value: object) -> list[Any]:
    """A list, or an empty one."""
    return value if isinstance(value, list) else []


def embedded(value: object) -> Any:
    """JSON inside a string, taken out: `"[1]"` -> [1]. Already taken out, it stays. Broken or empty: None."""
    if not isinstance(value, str):
        return value
    try:
        return exact_json.loads(value.encode()) if value else None
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
