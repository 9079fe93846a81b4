"""Tasks by id."""

from __future__ import annotations

from collections.abc import Sequence

from loaders import ids
from loaders.ids import GlobalId, Kind
from loaders.records import Provider, TaskRecord
from resolvers import routing
from resolvers.context import Operation


async def by_id(context: Operation, id: str) -> TaskRecord | None:
    """The task; None where its source has no such one. Raises InvalidId, SourceError."""
    return await load(context, ids.parse(id, Kind.TASK))


async def by_ids(context: Operation, wanted: Sequence[str]) -> list[TaskRecord | Exception | None]:
    """Like by_id for each, in the order asked, duplicates included."""
    return await routing.each(context, wanted, Kind.TASK, lambda found: load(context, found))


async def of(context: Operation, task_key: str, provider: Provider) -> TaskRecord | None:
    """The task that a medium or a seed belongs to."""
    return await context.loaders(provider).task.load(task_key)


async def load(context: Operation, found: GlobalId) -> TaskRecord | None:
    """The task behind an id that has been taken apart; None where its source has no such one.

    Raises SourceError.
    """
    return await context.loaders(found.provider).task.load(found.key)
