"""The lists: every source's i-th row is three seconds older than the one before, the sources interleaved.

    position   PixAI      Meshy      new-api
    0          12:00:00   11:59:59   11:59:58
    1          11:59:57   11:59:56   11:59:55

A rolling list gives its rows new keys on each call, at the same times: whoever asks twice cannot reuse what
it learned the first time.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

ROWS = 1000  # in each list
NEWEST = datetime(2025, 6, 1, 12, tzinfo=UTC)
STEP = timedelta(seconds=3)
PIXAI, MESHY, NEWAPI = (timedelta(seconds=late) for late in (0, 1, 2))


def created(position: int, late: timedelta) -> datetime:
    """When the row at this position was made."""
    return NEWEST - late - position * STEP


def iso(moment: datetime) -> str:
    """2025-06-01T12:00:00.000Z."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def milliseconds(moment: datetime) -> int:
    """Since 1970."""
    return int(moment.timestamp()) * 1000


PIXAI_TIMES = [iso(created(position, PIXAI)) for position in range(ROWS)]
MESHY_TIMES = [milliseconds(created(position, MESHY)) for position in range(ROWS)]
NEWAPI_TIMES = [milliseconds(created(position, NEWAPI)) for position in range(ROWS)]


def task_key(call: int, position: int) -> str:
    """PixAI's: 19 digits. call: 0 in a list that does not roll."""
    return f"1749{call * ROWS + position:015d}"


def meshy_key(call: int, position: int) -> str:
    """Meshy's: of the form of a UUIDv7."""
    return f"018a210d-8ba4-705c-b111-{call * ROWS + position:012x}"


def midjourney_key(call: int, position: int) -> str:
    """Midjourney's: 16 digits."""
    return f"{1730000000000000 + call * ROWS + position}"
