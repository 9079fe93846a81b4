"""The dataloaders of one operation: they gather a tick's keys, keep their order and remember them.

    TaskByKey.load("1749902216266450789")     -> TaskRecord | None
    MediaByKey.load("459604023097100648")     -> MediaRecord | None
    SeedAnswerByTask.load("1730621826053455") -> SeedAnswer | None

None is absence; a source that did not answer raises its SourceError from that key alone. What is fetched
comes from the credential's readers (loaders.account), which outlive the operation.
"""

from __future__ import annotations

from typing import Generic, TypeVar

from aiodataloader import DataLoader

from loaders.account import Reader
from loaders.budget import Budget
from loaders.records import MediaRecord, SeedAnswer, TaskRecord

V = TypeVar("V")


class KeyedLoader(DataLoader[str, V | None], Generic[V]):
    """A reader's map, put into the order of the keys.

    Construct it inside the operation: aiodataloader takes the running loop then.
    """

    def __init__(self, reader: Reader[V], budget: Budget) -> None:
        super().__init__()
        self._reader = reader
        self._budget = budget

    async def batch_load_fn(self, keys: list[str]) -> list[V | None]:
        """Values in the keys' order; aiodataloader raises those that are exceptions, each for its key."""
        found = await self._reader.get(keys, self._budget)
        return [found.get(key) for key in keys]  # type: ignore[misc]  # see above


class TaskByKey(KeyedLoader[TaskRecord]):
    """Tasks of one source, by their key there."""


class MediaByKey(KeyedLoader[MediaRecord]):
    """Media of one source, with their details, by their key there."""


class SeedAnswerByTask(KeyedLoader[SeedAnswer]):
    """What one source reports of its tasks' seeds, by the task's key there."""
