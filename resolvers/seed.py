"""Seeds: they belong to a task, and are found through it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

from loaders import ids
from loaders.errors import InvalidId
from loaders.ids import GlobalId, Kind
from loaders.records import MediaRecord, Provider, SeedAnswer, SeedRecord, TaskRecord
from resolvers.need import Need

T = TypeVar("T")


def by_id(id: str) -> Need:
    """The seed; absent where its task or the seed is not there. Raises InvalidId."""
    return of_id(ids.parse(id, Kind.SEED))


def of_id(found: GlobalId) -> Need:
    """The seed that a parsed id names: its task, then the task's seeds. Raises InvalidId."""
    return Need("task", found.provider, _task_key(found), then=partial(_named, str(found)))


def of_task(task: TaskRecord) -> Sequence[SeedRecord] | Need:
    """The seeds of a task's pictures; none is (). Asks only where the task did not bring them."""
    return _seeds_then(task, tuple)


def of_media(record: MediaRecord, task: TaskRecord | None) -> SeedRecord | Need | None:
    """The seed that a picture was grown from; None where the task or the seed is not known."""
    if task is None:
        return None
    return _seeds_then(task, partial(_grown_into, record.key))


def _seeds_then(task: TaskRecord, then: Callable[[Sequence[SeedRecord]], T]) -> T | Need:
    if task.seeds is not None:
        return then(task.seeds)
    return Need("seeds", task.provider, task.key, then=partial(_told, task, then))


def _told(task: TaskRecord, then: Callable[[Sequence[SeedRecord]], T], answer: SeedAnswer | None) -> T:
    return then(() if answer is None else answer.seeds(task))


def _named(id: str, task: TaskRecord | None) -> SeedRecord | Need | None:
    if task is None:
        return None
    return _seeds_then(task, lambda seeds: next((seed for seed in seeds if seed.id == id), None))


def _grown_into(media_key: str, seeds: Sequence[SeedRecord]) -> SeedRecord | None:
    return next((seed for seed in seeds if any(picture.key == media_key for picture in seed.media)), None)


def _task_key(found: GlobalId) -> str:
    # seed:pixai:<task>:<media>, but seed:midjourney:<task>
    if found.provider is not Provider.PIXAI:
        return found.key
    task_key, _, media_key = found.key.partition(":")
    if not task_key or not media_key:
        raise InvalidId("Invalid seed id: expected seed:pixai:<task>:<media>")
    return task_key
