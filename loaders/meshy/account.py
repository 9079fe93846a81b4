"""The operations that Meshy offers to one key."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from functools import partial
from typing import Any, TypeVar

from loaders import cache, coerce, retry
from loaders.account import Account, TaskReads
from loaders.batcher import Batcher
from loaders.breaker import Breaker
from loaders.credentials import Credential
from loaders.errors import InvalidId, Malformed
from loaders.meshy import normalise
from loaders.meshy.client import PATHS, MeshyClient
from loaders.meshy.list import PAGE_SIZE, MeshyLister, Page
from loaders.meshy.watch import MeshyStreams
from loaders.meshy.writes import MeshyWrites
from loaders.outcome import Outcomes
from loaders.pace import Pace
from loaders.records import Provider, TaskRecord
from loaders.rhythm import USUAL, WATCHED, Places, Rhythm
from loaders.shared import Shared
from loaders.task_media import TaskMedia
from loaders.watcher import Watcher

CALLS_AT_ONCE = 8  # Meshy has no batch read
LISTED = "image-to-image"

T = TypeVar("T")


def allowed_pace(workers: int = 1) -> Pace:
    """As fast as Meshy lets one account ask: 20 requests a second, whichever second. workers: that share it.

    A twentieth more than a second, because the network stretches and squeezes the time between requests.
    """
    each = max(1, 20 // workers)
    return Pace(each, 1.05 * each * workers / 20)


class MeshyAccount(Account):
    """Tasks one a call, several calls at a time; media are read from their tasks; one resource is listed.

    seconds: how long one fetch may take, its retries included; write_seconds: how long the answer to a change
    is waited for. pace: waited for before every request; None: the allowed one. allowed: origins of users'
    URLs that need not be public. places, rhythm: of the tasks that are watched.
    """

    provider = Provider.MESHY

    def __init__(
        self,
        client: MeshyClient,
        credential: Credential,
        *,
        seconds: float,
        write_seconds: float = 30.0,
        pace: Pace | None = None,
        allowed: Collection[str] = (),
        places: Places | None = None,
        rhythm: Rhythm = USUAL,
    ) -> None:
        self.breaker = Breaker(partial(client.observer.breaker_moved, self.provider))
        self.pace = allowed_pace() if pace is None else pace
        self.writes = MeshyWrites(
            client, credential, self.breaker, seconds=write_seconds, pace=self.pace, allowed=allowed
        )
        self._client = client
        self._credential = credential
        self._seconds = seconds
        self._tasks = Batcher(
            self._fetch_tasks,
            provider=self.provider,
            cache=cache.Cache(cache.task_lifetime),
            chunk=lambda: 1,
            calls_at_once=CALLS_AT_ONCE,
            pace=self.pace,
            observer=client.observer,
        )
        self.reads = TaskReads(tasks=self._tasks, media=TaskMedia(self._tasks))
        pages: Shared[Page] = Shared(self.provider, self.heard)
        self.lists = MeshyLister(lambda number: pages.get(number, partial(self._page, number)))
        self.watch = Watcher(
            self._tasks,
            provider=self.provider,
            places=places or Places(WATCHED),
            rhythm=rhythm,
            seconds=seconds,
            changed=self.has_changed,
            remember=self._tasks.renew,
            stream=partial(MeshyStreams, client, credential, self.pace, rhythm),
        )

    def keys_of(self, provider_id: str) -> list[str]:
        """An id lives under one resource; which one, the id does not say."""
        return [f"{resource}:{provider_id}" for resource in PATHS] if provider_id else []

    async def _fetch_tasks(self, keys: list[str]) -> Outcomes[TaskRecord]:
        return {key: task for key in keys if (task := await self._task(key)) is not None}

    async def _task(self, key: str) -> TaskRecord | InvalidId | Malformed | None:
        resource, _, task_id = key.partition(":")
        if resource not in PATHS or not task_id:
            return InvalidId(f"Invalid Meshy key: expected <{'|'.join(PATHS)}>:<id>")
        node = await self._read(lambda: self._client.get_task(resource, task_id, self._credential))
        return None if node is None else self._record(node, key)

    async def _page(self, number: int) -> Page:
        nodes = await self._read(lambda: self._client.list_tasks(LISTED, number, PAGE_SIZE, self._credential))
        read = [
            self._record(node, f"{LISTED}:{task_id}")
            for node in nodes
            if (task_id := coerce.text(node.get("id"))) is not None
        ]
        rows = tuple(row for row in read if isinstance(row, TaskRecord))
        self._tasks.prime({row.key: row for row in rows})  # whole tasks: a list's rows have every field
        return rows, len(nodes) >= PAGE_SIZE

    def _record(self, node: Mapping[str, Any], key: str) -> TaskRecord | Malformed:
        return coerce.record(normalise.task, node, key, self.provider)

    async def _read(self, call: Callable[[], Awaitable[T]]) -> T:
        return await retry.read(
            call,
            provider=self.provider,
            breaker=self.breaker,
            seconds=self._seconds,
            observer=self._client.observer,
            pace=self.pace,
        )
