"""How a source's list of tasks is walked: one call a step, newest first.

A walk is an async generator. Each step is exactly one upstream list call and yields what it brought;
the generator ends where the source has no more rows. A failing call raises its SourceError from the step.
Rows may overlap with earlier ones (lists shift while they are read); whoever merges drops what it has seen.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from loaders.errors import SourceError
from loaders.records import Capability, TaskRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What is wanted of a list.

    size: rows that one call should bring, where the source lets us say.
    before: rows created later are of no use (inclusive: equal ones are); None: from the newest on.
    from_unset: only rows without a creation time are of use; they come last.
    since: rows created earlier are of no use (inclusive); None: to the end.
    all_owners, channel_id: new-api's admin list; the others have neither.
    """

    size: int
    before: datetime | None = None
    from_unset: bool = False
    since: datetime | None = None
    all_owners: bool = False
    channel_id: str | None = None

    def is_past(self, rows: Sequence[TaskRecord]) -> bool:
        """Whether what follows these rows is older than `since`, or has no creation time at all."""
        if self.since is None or not rows:
            return False
        last = rows[-1].created_at
        return last is None or last < self.since


@dataclass(frozen=True, slots=True)
class ListStep:
    """What one list call brought.

    rows: newest first; rows of equal time in the source's order. hint: passed to `walk` later, it starts
    at this same step again; next_hint: at the one after it. None: such a walk starts at the front.
    is_last: no more will come. total: how many rows the whole list has; None where it is not counted.
    left_out: why rows that belong here could not be read, where the source answered for the others.
    """

    rows: tuple[TaskRecord, ...]
    hint: str | None = None
    next_hint: str | None = None
    is_last: bool = False
    total: int | None = None
    left_out: SourceError | None = None


class Lister(Protocol):
    """A source that lists tasks; those without a creation time come last."""

    def capabilities(self) -> Iterable[Capability]:
        """LIST_TASKS, and LIST_ALL_TASKS where it can list everybody's."""
        ...

    def walk(self, listing: Listing, hint: str | None = None) -> AsyncIterator[ListStep]:
        """Steps from the newest wanted row on. hint: of an earlier walk; None starts at the front."""
        ...
