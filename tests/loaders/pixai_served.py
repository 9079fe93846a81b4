"""PixAI's source over the emulated PixAI, or over a server of the test's own, on loopback."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from loaders.budget import Budget
from loaders.credentials import Credential
from loaders.listing import Listing, ListStep
from loaders.outcome import Outcomes
from loaders.pixai.account import PixaiAccount
from loaders.pixai.client import PixaiClient
from loaders.records import MediaRecord, TaskRecord


@dataclass
class Served:
    """An account, and what it asks."""

    client: PixaiClient
    account: PixaiAccount

    async def tasks(self, *keys: str) -> Outcomes[TaskRecord]:
        """As a dataloader asks."""
        return await self.account.reads.tasks.get(keys, Budget.starting_now(30))

    async def media(self, *keys: str) -> Outcomes[MediaRecord]:
        """As a dataloader asks."""
        return await self.account.reads.media.get(keys, Budget.starting_now(30))

    def walk(self, listing: Listing, hint: str | None = None) -> AsyncIterator[ListStep]:
        """Its list."""
        assert self.account.lists is not None
        return self.account.lists.walk(listing, hint)

    async def first_page(self) -> ListStep:
        """What the first call of a walk brings."""
        return await anext(self.walk(Listing(size=20)))


@asynccontextmanager
async def served(origin: str, key: str = "sk-test", chunk: int = 25) -> AsyncIterator[Served]:
    """Opened and closed."""
    client = PixaiClient(origin)
    await client.open()
    account = PixaiAccount(client, Credential({"key": key}), chunk=chunk, seconds=30)
    try:
        yield Served(client, account)
    finally:
        await account.close()
        await client.close()
