"""Tasks by id, and the list of them across all sources."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from loaders import ids
from loaders.errors import NotSupported, SourceError
from loaders.ids import GlobalId, Kind
from loaders.records import Provider, TaskRecord, TaskStatus
from resolvers import routing
from resolvers.context import Operation


async def by_id(context: Operation, id: str) -> TaskRecord | None:
    """The task; None where its source has no such one. Raises InvalidId, SourceError."""
    return await load(context, ids.parse(id, Kind.TASK))


async def by_ids(context: Operation, wanted: Sequence[str]) -> list[TaskRecord | Exception | None]:
    """Like by_id for each, in the order asked, duplicates included."""
    return await routing.each(wanted, Kind.TASK, lambda found: load(context, found))


async def of(context: Operation, task_key: str, provider: Provider) -> TaskRecord | None:
    """The task that a medium or a seed belongs to."""
    return await context.loaders(provider).task.load(task_key)


async def load(context: Operation, found: GlobalId) -> TaskRecord | None:
    """See by_id."""
    return await context.loaders(found.provider).task.load(found.key)


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskQuery:
    """What a list of tasks is narrowed to; None does not narrow."""

    providers: frozenset[Provider] | None = None
    statuses: frozenset[TaskStatus] | None = None
    created_after: datetime | None = None
    created_before: datetime | None = None
    all_owners: bool = False
    channel_id: str | None = None
    provider_ids: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class TaskEdge:
    """A row of a list and the cursor that resumes after it."""

    cursor: str
    node: TaskRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskPage:
    """One page of the list. missing: the sources that did not answer it."""

    edges: tuple[TaskEdge, ...]
    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None
    total_count: int | None
    missing: tuple[SourceError, ...]


async def page(context: Operation, *, first: int | None, after: str | None, where: TaskQuery) -> TaskPage:
    """One page, newest first."""
    raise NotSupported("listing tasks is not supported yet", provider=Provider.PIXAI)
