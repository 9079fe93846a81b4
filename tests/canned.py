"""A source of canned answers, through the ports that every source fills in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from loaders.account import Account, Reader, TaskReads, TaskWatch
from loaders.breaker import Breaker
from loaders.budget import Budget
from loaders.errors import TriptychError
from loaders.mailbox import Mailbox
from loaders.outcome import Outcomes
from loaders.records import MediaRecord, Provider, SeedAnswer, SeedRecord, TaskRecord
from resolvers.context import Caller, RequestContext, Role
from resolvers.permalink import Permalinks
from resolvers.writes import Writes


class CannedReader(Reader[Any]):
    """things: by key; an error of ours is that key's outcome, any other exception is a bug and raises.

    asked: every key, as often as it was asked for.
    """

    def __init__(self, things: Mapping[str, object]) -> None:
        self.things = dict(things)
        self.asked: list[str] = []

    async def get(self, keys: Iterable[str], _budget: Budget) -> Outcomes[Any]:
        """Those that are there."""
        wanted = list(keys)
        self.asked += wanted
        found = {key: self.things[key] for key in wanted if key in self.things}
        for value in found.values():
            if isinstance(value, Exception) and not isinstance(value, TriptychError):
                raise value
        return found

    def invalidate(self, _key: str) -> None:
        """Nothing is remembered."""

    async def close(self) -> None:
        """Nothing is under way."""


class ToldSeeds(SeedAnswer):
    """What a source told of a task's seeds."""

    def __init__(self, *seeds: SeedRecord) -> None:
        self._seeds = seeds

    def seeds(self, _task: TaskRecord) -> tuple[SeedRecord, ...]:
        """The same for every task."""
        return self._seeds


class Told(TaskWatch):
    """A watcher that a test speaks for."""

    is_idle = False
    mailbox: Mailbox | None = None

    def join(self, key: str, mailbox: Mailbox, name: str) -> None:
        self.mailbox = mailbox

    def leave(self, key: str, mailbox: Mailbox, name: str) -> None:
        self.mailbox = None

    def wake(self, key: str) -> None:
        pass

    async def close(self) -> None:
        pass


class Canned(Account):
    """tasks, media, seeds: by key; see CannedReader."""

    def __init__(
        self,
        provider: Provider = Provider.PIXAI,
        *,
        tasks: Mapping[str, TaskRecord | Exception] | None = None,
        media: Mapping[str, MediaRecord | Exception] | None = None,
        seeds: Mapping[str, SeedAnswer | Exception] | None = None,
    ) -> None:
        self.provider = provider
        self.breaker = Breaker()
        self.tasks = CannedReader(tasks or {})
        self.media = CannedReader(media or {})
        self.seeds = CannedReader(seeds or {})
        self.reads = TaskReads(
            tasks=self.tasks, media=self.media, seeds=None if seeds is None else self.seeds
        )


def canned_context(*accounts: Account, role: Role = Role.READ) -> RequestContext:
    """An operation over these sources; the others are not configured."""
    return RequestContext(
        {account.provider: account for account in accounts},
        caller=Caller(role),
        permalinks=Permalinks("https://here.example"),
        writes=Writes(),
    )
