"""new-api's filters and pages, in its present form and in its legacy one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sandbox.midjourney.records import Task
from sandbox.midjourney.rows import Unit

PAGE_SIZE = 10
MAX_PAGE_SIZE = 100
FROM_MS = 10**11  # a time from here on is in milliseconds, below in seconds


@dataclass(frozen=True, slots=True)
class Page:
    """A part of the rows. number: as the mode counts it, from 0 or 1."""

    number: int
    size: int
    total: int
    tasks: Sequence[Task]


def legacy(tasks: Sequence[Task], query: Mapping[str, str]) -> Page:
    """Pages count from 0, sizes are ignored; an invalid number is the first page."""
    number = max(0, _whole(query.get("p"), 0))
    return _page(tasks, number, PAGE_SIZE, number * PAGE_SIZE)


def paged(tasks: Sequence[Task], query: Mapping[str, str]) -> Page:
    """Pages count from 1; sizes below 1 mean 10, above 100 mean 100; an invalid number is the default."""
    number = max(1, _whole(query.get("p"), 1))
    size = next((query[name] for name in ("page_size", "ps", "size") if query.get(name)), None)
    given = _whole(size, PAGE_SIZE)
    kept = min(given, MAX_PAGE_SIZE) if given > 0 else PAGE_SIZE
    return _page(tasks, number, kept, (number - 1) * kept)


@dataclass(frozen=True, slots=True)
class Filters:
    """A query's filters; an empty one filters nothing. Times are inclusive, in the unit that is stored.

    lenient: times in either unit are accepted.
    """

    mj_id: str
    channel_id: str
    start: str
    end: str
    unit: Unit
    lenient: bool

    @classmethod
    def of(cls, query: Mapping[str, str], unit: Unit, *, admin: bool, lenient: bool) -> Filters:
        """admin: whether channel_id filters."""
        return cls(
            mj_id=query.get("mj_id", ""),
            channel_id=query.get("channel_id", "") if admin else "",
            start=query.get("start_timestamp", ""),
            end=query.get("end_timestamp", ""),
            unit=unit,
            lenient=lenient,
        )

    def apply(self, tasks: Sequence[Task]) -> list[Task]:
        """Those that match, in the same order. Raises ValueError for a time that is not a number."""
        kept = [
            task
            for task in tasks
            if self.mj_id in ("", task.id) and self.channel_id in ("", str(task.channel))
        ]
        if self.start:
            first = self._instant(int(self.start))
            kept = [task for task in kept if self._submitted(task) >= first]
        if self.end:
            last = self._instant(int(self.end))
            kept = [task for task in kept if self._submitted(task) <= last]
        return kept

    def _submitted(self, task: Task) -> int:
        return self._instant(task.submit if self.unit == "ms" else task.submit // 1000)

    def _instant(self, given: int) -> int:
        return given * 1000 if self.lenient and given < FROM_MS else given


def _page(tasks: Sequence[Task], number: int, size: int, first: int) -> Page:
    return Page(number, size, len(tasks), tasks[first : first + size])


def _whole(text: str | None, default: int) -> int:
    """As Go's Atoi reads it; the default for anything else."""
    try:
        return int(text or "")
    except ValueError:
        return default
