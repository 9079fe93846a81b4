"""What Meshy can be asked with one key."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

from aiolimiter import AsyncLimiter

from loaders import cache, coerce, retry, task_media
from loaders.account import Account
from loaders.batcher import Batcher
from loaders.breaker import Breaker
from loaders.credentials import Credential
from loaders.errors import InvalidId, Malformed
from loaders.meshy import normalise
from loaders.meshy.client import PATHS, MeshyClient
from loaders.meshy.list import PAGE_SIZE, MeshyLister
from loaders.records import Capability, MediaRecord, Provider, TaskRecord

CALLS_AT_ONCE = 8  # Meshy has no batch read
# Meshy allows an account 20 requests a second, whichever second: a full burst and what is let through in the
# second that begins with it, 8 + 12, are just as many.
BURST = 8
PER_SECOND = 12
MEDIA_AT_ONCE = 1000
LISTED = "image-to-image"

T = TypeVar("T")


def allowed_pace() -> AsyncLimiter:
    """As fast as Meshy lets one account ask."""
    return AsyncLimiter(BURST, BURST / PER_SECOND)


class MeshyAccount(Account):
    """Tasks one a call, several calls at a time; media are read from their tasks; one resource is listed.

    seconds: how long one fetch may take, its retries included. silence: see retry.read. pace: waited for
    before every request; None: the allowed one.
    """

    provider = Provider.MESHY
    capabilities = frozenset({Capability.GET_TASK, Capability.LIST_TASKS, Capability.GET_MEDIA})
    lister: MeshyLister

    def __init__(
        self,
        client: MeshyClient,
        credential: Credential,
        *,
        seconds: float,
        silence: float | None = None,
        pace: AsyncLimiter | None = None,
    ) -> None:
        self.breaker = Breaker()
        self.pace = allowed_pace() if pace is None else pace
        self._client = client
        self._credential = credential
        self._seconds = seconds
        self._silence = silence
        self.tasks = Batcher(
            self._fetch_tasks,
            provider=self.provider,
            cache=cache.Cache(cache.task_lifetime),
            chunk=lambda: 1,
            calls_at_once=CALLS_AT_ONCE,
        )
        self.media = Batcher(
            self._fetch_media,
            provider=self.provider,
            cache=cache.Cache(cache.media_lifetime),
            chunk=lambda: MEDIA_AT_ONCE,
        )
        self.lister = MeshyLister(self._page)

    def keys_of(self, provider_id: str) -> list[str]:
        """An id lives under one resource; which, it does not tell."""
        return [f"{resource}:{provider_id}" for resource in PATHS] if provider_id else []

    async def _fetch_tasks(self, keys: list[str]) -> dict[str, TaskRecord | Exception]:
        return {key: task for key in keys if (task := await self._task(key)) is not None}

    async def _task(self, key: str) -> TaskRecord | InvalidId | Malformed | None:
        resource, _, task_id = key.partition(":")
        if resource not in PATHS or not task_id:
            return InvalidId(f"a Meshy key is one of {', '.join(PATHS)}, a colon and an id")
        node = await self._read(lambda: self._client.get_task(resource, task_id, self._credential))
        return None if node is None else self._record(node, key)

    async def _fetch_media(self, keys: list[str]) -> dict[str, MediaRecord | Exception]:
        return await task_media.media(keys, self.tasks, self._seconds)

    async def _page(self, number: int) -> tuple[tuple[TaskRecord, ...], bool]:
        nodes = await self._read(lambda: self._client.list_tasks(LISTED, number, PAGE_SIZE, self._credential))
        read = [
            self._record(node, f"{LISTED}:{task_id}")
            for node in nodes
            if (task_id := coerce.text(node.get("id"))) is not None
        ]
        return tuple(row for row in read if isinstance(row, TaskRecord)), len(nodes) >= PAGE_SIZE

    def _record(self, node: Mapping[str, Any], key: str) -> TaskRecord | Malformed:
        return coerce.record(normalise.task, node, key, self.provider)

    async def _read(self, call: Callable[[], Awaitable[T]]) -> T:
        return await retry.read(
            call,
            provider=self.provider,
            breaker=self.breaker,
            seconds=self._seconds,
            silence=self._silence,
            turn=self.pace.acquire,
        )
