"""Any object by its id alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from loaders import ids
from loaders.ids import GlobalId, Kind
from loaders.records import MediaRecord, SeedRecord, TaskRecord
from resolvers import media, routing, seed
from resolvers.context import Operation
from resolvers.tasks import by_id as task

NodeRecord: TypeAlias = TaskRecord | MediaRecord | SeedRecord


async def by_id(context: Operation, id: str) -> NodeRecord | None:
    """The object; None where its source has none such. Raises InvalidId, SourceError."""
    return await _load(context, ids.parse(id))


async def by_ids(context: Operation, wanted: Sequence[str]) -> list[NodeRecord | Exception | None]:
    """Like by_id for each, in the order asked, duplicates included."""
    return await routing.each(context, wanted, None, lambda found: _load(context, found))


async def _load(context: Operation, found: GlobalId) -> NodeRecord | None:
    match found.kind:
        case Kind.TASK:
            return await task.load(context, found)
        case Kind.MEDIA:
            return await media.load(context, found)
        case Kind.SEED:
            return await seed.load(context, found)
