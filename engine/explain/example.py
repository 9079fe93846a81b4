"""Sources of examples, so that a query can be explained without asking anybody.

Whatever is asked for is there, and holds as much as the cost formula assumes: four results per task, with
what each source's tasks bring along. Nothing of it is shown.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from loaders.account import Account, Reader, TaskReads
from loaders.breaker import Breaker
from loaders.budget import Budget
from loaders.listing import Lister, Listing, ListStep
from loaders.outcome import Outcomes
from loaders.records import (
    Capability,
    MediaDetails,
    MediaRecord,
    MediaUrl,
    MediaVariant,
    Provider,
    SeedAnswer,
    SeedOrigin,
    SeedRecord,
    TaskRecord,
    TaskStatus,
)
from resolvers.context import Caller, RequestContext, Role

V = TypeVar("V")

RESULTS = 4
DETAILS = MediaDetails(urls=(MediaUrl(variant=MediaVariant.PUBLIC, url="https://example.org/"),))
NEWEST = datetime(2024, 5, 22, tzinfo=UTC)


def context() -> RequestContext:
    """An operation over examples of every source."""
    return RequestContext(
        {provider: ExampleAccount(provider) for provider in Provider}, caller=Caller(Role.ADMIN)
    )


class ExampleAccount(Account):
    """PixAI's tasks bring seeds and no URLs, Meshy's URLs and no seeds, Midjourney's URLs; its seeds wait."""

    def __init__(self, provider: Provider) -> None:
        self.provider = provider
        self.breaker = Breaker()
        self.lists = ExampleLister(self.task)
        self.reads = TaskReads(
            tasks=ExampleReader(self.task),
            media=ExampleReader(lambda key: self.picture(key, key.rpartition(":")[0] or None, DETAILS)),
            seeds=ExampleReader(self.seeds) if provider is Provider.MIDJOURNEY else None,
        )

    def task(self, key: str, created_at: datetime = NEWEST) -> TaskRecord:
        """A finished one."""
        details = None if self.provider is Provider.PIXAI else DETAILS
        media = tuple(self.picture(f"{key}:{index}", key, details) for index in range(RESULTS))
        return TaskRecord(
            id=self._id("task", key),
            provider=self.provider,
            provider_id=key,
            key=key,
            status=TaskStatus.SUCCEEDED,
            provider_status="",
            is_terminal=True,
            created_at=created_at,
            media=media,
            cover=media[0],
            seeds=self._seeds(key, media),
        )

    def picture(self, key: str, task_key: str | None, details: MediaDetails | None) -> MediaRecord:
        """One of a task's, or any."""
        return MediaRecord(
            id=self._id("media", key),
            provider=self.provider,
            provider_id=key,
            key=key,
            task_key=task_key,
            details=details,
        )

    def seeds(self, key: str) -> SeedAnswer:
        """What a call of its own brings."""
        return ExampleSeeds(self._seed(key, ()))

    def _seeds(self, key: str, media: tuple[MediaRecord, ...]) -> tuple[SeedRecord, ...] | None:
        if self.provider is Provider.PIXAI:
            return tuple(self._seed(key, (picture,)) for picture in media)
        return None if self.provider is Provider.MIDJOURNEY else ()

    def _seed(self, key: str, media: tuple[MediaRecord, ...]) -> SeedRecord:
        return SeedRecord(
            id=self._id("seed", ":".join([key, *(picture.key for picture in media)])),
            provider=self.provider,
            value=1,
            origin=SeedOrigin.REPORTED,
            task_key=key,
            media=media,
        )

    def _id(self, kind: str, key: str) -> str:
        return f"{kind}:{self.provider.value.lower()}:{key}"


class ExampleSeeds(SeedAnswer):
    """One seed."""

    def __init__(self, seed: SeedRecord) -> None:
        self._seed = seed

    def seeds(self, _task: TaskRecord) -> tuple[SeedRecord, ...]:
        """The same, whatever the task."""
        return (self._seed,)


class ExampleReader(Reader[V]):
    """Has everything."""

    def __init__(self, make: Callable[[str], V]) -> None:
        self._make = make

    async def get(self, keys: Iterable[str], _budget: Budget) -> Outcomes[V]:
        """An example for each key."""
        return {key: self._make(key) for key in keys}

    def invalidate(self, _key: str) -> None:
        """Nothing is kept."""

    async def close(self) -> None:
        """Nothing is under way."""


class ExampleLister(Lister):
    """An endless list, a second between two rows."""

    def __init__(self, task: Callable[[str, datetime], TaskRecord]) -> None:
        self._task = task

    def capabilities(self) -> Iterable[Capability]:
        """Whatever a list can be asked for."""
        return (Capability.LIST_TASKS, Capability.LIST_ALL_TASKS)

    async def walk(self, listing: Listing, hint: str | None = None) -> AsyncIterator[ListStep]:
        """As many rows as are asked for, in each step."""
        first = int(hint) if hint is not None and hint.isdecimal() else 0
        while True:
            numbers = range(first, first + listing.size)
            rows = tuple(self._task(str(number), NEWEST - timedelta(seconds=number)) for number in numbers)
            yield ListStep(rows, str(first), str(first + listing.size))
            first += listing.size
