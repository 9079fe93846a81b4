"""Meshy's source over the emulated Meshy, on loopback."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiolimiter import AsyncLimiter

from loaders.credentials import Credential
from loaders.meshy.account import MeshyAccount
from loaders.meshy.client import MeshyClient
from loaders.records import MediaRecord, TaskRecord
from sandbox import Upstream


@dataclass
class Served:
    """An account with the right key, and what it asks."""

    upstream: Upstream
    client: MeshyClient
    account: MeshyAccount

    async def tasks(self, *keys: str) -> dict[str, TaskRecord | Exception]:
        """As a dataloader asks."""
        return await self.account.tasks.get(keys, asyncio.get_running_loop().time() + 30)

    async def media(self, *keys: str) -> dict[str, MediaRecord | Exception]:
        """As a dataloader asks."""
        return await self.account.media.get(keys, asyncio.get_running_loop().time() + 30)

    async def task(self, id: str) -> TaskRecord:
        """An image-to-image task that exists."""
        key = f"image-to-image:{id}"
        found = (await self.tasks(key))[key]
        assert isinstance(found, TaskRecord)
        return found


@asynccontextmanager
async def served(
    upstream: Upstream, key: str | None = None, seconds: float = 30, pace: AsyncLimiter | None = None
) -> AsyncIterator[Served]:
    """key: None: the right one. pace: None: none that a test could feel."""
    client = MeshyClient(upstream.url)
    await client.open()
    account = MeshyAccount(
        client,
        Credential({"key": key or upstream.key}),
        seconds=seconds,
        pace=AsyncLimiter(1_000_000, 1) if pace is None else pace,
    )
    try:
        yield Served(upstream, client, account)
    finally:
        await account.close()
        await client.close()
