"""What one request knows: who asks, whose accounts it uses, what it may spend, and its dataloaders."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import Any, TypeAlias

from loaders.account import Account, Reader
from loaders.budget import Budget, Limits
from loaders.dataloaders import KeyedLoader, MediaByKey, SeedAnswerByTask, TaskByKey
from loaders.errors import NotConfigured
from loaders.records import Provider, TaskRecord
from resolvers.need import LoaderName, Need
from resolvers.permalink import Permalinks
from resolvers.subscriptions import Subscriptions
from resolvers.writes import Writes

Loader: TypeAlias = KeyedLoader[Any]

_LOADERS: Mapping[LoaderName, type[Loader]] = {
    "task": TaskByKey,
    "media": MediaByKey,
    "seeds": SeedAnswerByTask,
}


class Role(IntEnum):
    """How far a caller reaches; each role includes those below it."""

    READ = 1
    WRITE = 2
    ADMIN = 3


@dataclass(frozen=True, slots=True)
class Caller:
    """The caller. name: of the token; "" where none is in force."""

    role: Role = Role.READ
    name: str = ""


@dataclass(eq=False)
class RequestContext:
    """The context of one operation, as `info.context` has it. Make it when the operation arrives.

    accounts: by provider; one that is missing is not configured for this caller.
    seconds: how long the operation may take, from its making on.
    permalinks: None for callers with keys of their own. writes: None where nothing may be changed.
    subscriptions: those of the process.
    """

    accounts: Mapping[Provider, Account]
    seconds: float = 30.0
    caller: Caller = field(default_factory=Caller)
    sandboxed: frozenset[Provider] = frozenset()
    permalinks: Permalinks | None = None
    limits: Limits = field(default_factory=Limits)
    writes: Writes | None = None
    subscriptions: Subscriptions = field(default_factory=Subscriptions)
    budget: Budget = field(init=False)
    has_begun_write: bool = field(default=False, init=False)  # then a client that leaves ends nothing
    _shown: dict[tuple[Provider, str], TaskRecord] = field(default_factory=dict, init=False, repr=False)
    _loaders: dict[tuple[Provider, LoaderName], Loader | None] = field(
        default_factory=dict, init=False, repr=False
    )

    def __post_init__(self) -> None:
        self.budget = Budget.starting_now(self.seconds, self.limits)

    @property
    def deadline(self) -> float:
        """On the event loop's clock."""
        return self.budget.deadline

    def account(self, provider: Provider) -> Account:
        """Raises NotConfigured where this caller has no key for the provider."""
        account = self.accounts.get(provider)
        if account is None:
            raise NotConfigured(f"{provider.label} is not configured", provider=provider)
        return account

    def load(self, need: Need) -> Awaitable[Any] | None:
        """What the need waits for, without its `then`; None where the provider has no such loader.

        Raises NotConfigured. Needs of one tick are fetched together.
        """
        loader = self._loader(need.provider, need.loader)
        return None if loader is None else loader.load(need.key)

    async def settle(self, value: Any) -> Any:
        """The value itself; a Need is loaded until it has become one. Raises TriptychError."""
        while isinstance(value, Need):
            loaded = self.shown(value)
            if loaded is None and (loading := self.load(value)) is not None:
                loaded = await loading
            value = loaded if value.then is None else value.then(loaded)
        return value

    async def fetch(self, by_id: Callable[[str], Need], id: str) -> Any:
        """What an id of the client's stands for. Raises TriptychError."""
        self.budget.spend_ids(1)
        return await self.settle(by_id(id))

    def reader(self, provider: Provider, name: LoaderName) -> Reader[Any] | None:
        """Where a loader's keys are read, many at once; None where there is no such loader.

        Raises NotConfigured.
        """
        reads = self.account(provider).reads
        match name:
            case "task":
                return reads.tasks
            case "media":
                return reads.media
            case "seeds":
                return reads.seeds

    def remember(self, rows: Iterable[TaskRecord]) -> None:
        """Tasks that a list has shown need no look-up in this operation."""
        self._shown.update({(row.provider, row.key): row for row in rows})

    def shown(self, need: Need) -> TaskRecord | None:
        """The task that a list of this operation has shown; None where the need is another's."""
        return self._shown.get((need.provider, need.key)) if self._shown and need.loader == "task" else None

    def invalidate(self, provider: Provider, key: str) -> None:
        """After a change of a task: this operation, and all later ones, read it anew."""
        self.account(provider).invalidate(key)
        self._shown.pop((provider, key), None)
        loader = self._loader(provider, "task")
        if loader is not None:
            loader.clear(key)

    def next_operation(self) -> RequestContext:
        """The same caller's next operation (a WebSocket outlives many): new loaders, a new budget."""
        return replace(self)

    def _loader(self, provider: Provider, name: LoaderName) -> Loader | None:
        if (provider, name) not in self._loaders:
            self._loaders[provider, name] = self._made(provider, name)
        return self._loaders[provider, name]

    def _made(self, provider: Provider, name: LoaderName) -> Loader | None:
        reader = self.reader(provider, name)
        return None if reader is None else _LOADERS[name](reader, self.budget)
