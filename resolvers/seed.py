"""Seeds: they belong to a task, and are found through it."""

from __future__ import annotations

from collections.abc import Sequence

from loaders import ids
from loaders.errors import InvalidId
from loaders.ids import GlobalId, Kind
from loaders.records import MediaRecord, Provider, SeedRecord, TaskRecord
from resolvers.context import Operation
from resolvers.tasks import by_id as task


async def by_id(context: Operation, id: str) -> SeedRecord | None:
    """The seed; None where its task or the seed is not there. Raises InvalidId, SourceError."""
    return await load(context, ids.parse(id, Kind.SEED))


async def load(context: Operation, found: GlobalId) -> SeedRecord | None:
    """See by_id."""
    owner = await task.of(context, _task_key(found), found.provider)
    if owner is None:
        return None
    return next((seed for seed in await of_task(context, owner) if seed.id == str(found)), None)


def _task_key(found: GlobalId) -> str:
    # seed:pixai:<task>:<media>, but seed:midjourney:<task>
    if found.provider is not Provider.PIXAI:
        return found.key
    task_key, _, media_key = found.key.partition(":")
    if not task_key or not media_key:
        raise InvalidId("the id of a PixAI seed is seed:pixai:<task>:<media>")
    return task_key


async def of_task(context: Operation, record: TaskRecord) -> Sequence[SeedRecord]:
    """The seeds of a task's pictures; none is (). Asks only where the task did not bring them."""
    if record.seeds is not None:
        return record.seeds
    loader = context.loaders(record.provider).seed
    return () if loader is None else await loader.load(record.key) or ()


async def of_media(context: Operation, record: MediaRecord) -> SeedRecord | None:
    """The seed that a picture was grown from; None where the task or the seed is not known."""
    if record.task_key is None:
        return None
    owner = await task.of(context, record.task_key, record.provider)
    if owner is None:
        return None
    seeds = await of_task(context, owner)
    return next((seed for seed in seeds if any(picture.key == record.key for picture in seed.media)), None)
