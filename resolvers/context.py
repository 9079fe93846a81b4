"""What one operation knows: whose accounts it uses, until when, and its dataloaders."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import IntEnum
from functools import cached_property

from loaders.account import Account
from loaders.dataloaders import MediaByKey, SeedsByTask, TaskByKey
from loaders.errors import NotConfigured
from loaders.records import MediaRecord, MediaVariant, Provider

Permalink = Callable[[MediaRecord, MediaVariant], str]


class Role(IntEnum):
    """How far a caller reaches; each role includes those below it."""

    READ = 1
    WRITE = 2
    ADMIN = 3


@dataclass(slots=True)
class Loaders:
    """One source's loaders."""

    task: TaskByKey
    media: MediaByKey
    seed: SeedsByTask | None


@dataclass
class Operation:
    """The context of one operation, as `info.context` has it.

    accounts: by provider; one that is missing is not configured for this caller.
    seconds: how long the operation may take. source_deadline: seconds that a list looks on for a row.
    permalink: None for callers with keys of their own.
    Make it while the loop runs: loaders are made when they are first used.
    """

    accounts: Mapping[Provider, Account]
    seconds: float = 30.0
    role: Role = Role.READ
    sandboxed: frozenset[Provider] = frozenset()
    permalink: Permalink | None = None
    source_deadline: float = 8.0
    ids: int = field(default=0, init=False)  # asked for so far, in lists
    _loaders: dict[Provider, Loaders] = field(default_factory=dict, init=False, repr=False)

    @cached_property
    def deadline(self) -> float:
        """On the event loop's clock, counted from the first use."""
        return asyncio.get_running_loop().time() + self.seconds

    def account(self, provider: Provider) -> Account:
        """Raises NotConfigured where this caller has no key for the provider."""
        account = self.accounts.get(provider)
        if account is None:
            raise NotConfigured(f"{provider.label} is not configured here", provider=provider)
        return account

    def loaders(self, provider: Provider) -> Loaders:
        """This operation's loaders for a provider. Raises NotConfigured."""
        found = self._loaders.get(provider)
        if found is None:
            account = self.account(provider)
            seeds = None if account.seeds is None else SeedsByTask(account.seeds, self.deadline)
            found = self._loaders[provider] = Loaders(
                TaskByKey(account.tasks, self.deadline), MediaByKey(account.media, self.deadline), seeds
            )
        return found

    def next_operation(self) -> Operation:
        """The same caller's next operation (a WebSocket outlives many): new loaders, a new deadline."""
        return replace(self)
