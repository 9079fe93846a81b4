"""Meshy's source over the emulated Meshy, on loopback."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from loaders.budget import Budget
from loaders.credentials import Credential
from loaders.listing import Listing, ListStep
from loaders.meshy.account import MeshyAccount
from loaders.meshy.client import MeshyClient
from loaders.outcome import Outcomes
from loaders.pace import Pace
from loaders.records import MediaRecord, TaskRecord
from sandbox import Upstream
from sandbox.meshy.vendor_examples import TASK
from sandbox.meshy.world import MOVING

ONE = "GET /openapi/v1/image-to-image/{id}"
KEY = f"image-to-image:{TASK}"
TEXT_KEY = next(f"text-to-image:{key}" for key, moving in MOVING.items() if moving[0] == "text-to-image")


@dataclass
class Served:
    """An account with the right key, and what it asks."""

    upstream: Upstream
    client: MeshyClient
    account: MeshyAccount

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
        return await anext(self.walk(Listing(size=50)))

    async def task(self, id: str) -> TaskRecord:
        """An image-to-image task that exists."""
        key = f"image-to-image:{id}"
        found = (await self.tasks(key))[key]
        assert isinstance(found, TaskRecord)
        return found


@asynccontextmanager
async def served(
    upstream: Upstream, key: str | None = None, seconds: float = 30, pace: Pace | None = None
) -> AsyncIterator[Served]:
    """key: None: the right one. pace: None: none that a test could feel."""
    client = MeshyClient(upstream.url)
    await client.open()
    account = MeshyAccount(
        client,
        Credential({"key": key or upstream.key}),
        seconds=seconds,
        pace=Pace(1_000_000, 1) if pace is None else pace,
    )
    try:
        yield Served(upstream, client, account)
    finally:
        await account.close()
        await client.close()
