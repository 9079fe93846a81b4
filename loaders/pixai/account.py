"""The operations that PixAI offers to one key."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

from loaders import cache, coerce, retry
from loaders.account import Account, TaskReads
from loaders.batcher import Batcher
from loaders.breaker import Breaker
from loaders.credentials import Credential
from loaders.errors import TriptychError
from loaders.outcome import Outcomes
from loaders.pixai import documents, normalise
from loaders.pixai.aliased import AliasedReader, AliasLimit
from loaders.pixai.client import Answer, PixaiClient
from loaders.pixai.documents import PrintedRequest, Selection
from loaders.pixai.list import PixaiLister
from loaders.pixai.watch import EVENTS, PixaiEvents
from loaders.pixai.writes import PixaiWrites
from loaders.records import MediaRecord, Provider, TaskRecord
from loaders.rhythm import USUAL, WATCHED, Places, Rhythm
from loaders.shared import Shared
from loaders.watcher import Watcher

R = TypeVar("R", TaskRecord, MediaRecord)
T = TypeVar("T")

# PixAI limits no rate; of the 64 connections some are left for lists, permalinks and changes
LARGE_AT_ONCE = 16
SMALL_AT_ONCE = 32


class PixaiAccount(Account):
    """Tasks and media in aliased batches; seeds come with their tasks.

    chunk: ids a document. seconds: how long one fetch may take, its retries included; write_seconds: how long
    the answer to a change is waited for. allowed: origins of users' URLs that need not be public.
    events_url: of the event gateway. places, rhythm: of the tasks that are watched.
    """

    provider = Provider.PIXAI

    def __init__(
        self,
        client: PixaiClient,
        credential: Credential,
        *,
        chunk: int,
        seconds: float,
        write_seconds: float = 30.0,
        allowed: Collection[str] = (),
        events_url: str = EVENTS,
        places: Places | None = None,
        rhythm: Rhythm = USUAL,
    ) -> None:
        self.breaker = Breaker(partial(client.observer.breaker_moved, self.provider))
        self.writes = PixaiWrites(client, credential, self.breaker, seconds=write_seconds, allowed=allowed)
        self._client = client
        self._credential = credential
        self._seconds = seconds
        self._limit = AliasLimit(chunk)
        self._tasks = self._batcher(documents.TASK, normalise.task, cache.Cache(cache.task_lifetime))
        self.reads = TaskReads(
            tasks=self._tasks,
            media=self._batcher(documents.MEDIA, normalise.media, cache.Cache(cache.media_lifetime)),
            is_batched=True,
            tells_seeds=True,
        )
        self.lists = PixaiLister(self._execute, self._remember, Shared(self.provider, self.heard))
        self.watch = Watcher(
            self._tasks,
            provider=self.provider,
            places=places or Places(WATCHED),
            rhythm=rhythm,
            seconds=seconds,
            batch=chunk,
            changed=self.has_changed,
            remember=self._tasks.renew,
            stream=partial(PixaiEvents, events_url, credential, rhythm),
        )

    def _batcher(
        self, selection: Selection, normalised: Callable[[Mapping[str, Any], str], R], kept: cache.Cache[R]
    ) -> Batcher[R]:
        reader = AliasedReader(selection, self._execute, self._limit)

        async def fetch(keys: list[str]) -> Outcomes[R]:
            found = await reader.fetch(keys)
            return {
                key: (
                    node
                    if isinstance(node, TriptychError)
                    else coerce.record(normalised, node, key, self.provider)
                )
                for key, node in found.items()
            }

        return Batcher(
            fetch,
            provider=self.provider,
            cache=kept,
            chunk=lambda: self._limit.chunk,
            calls_at_once=LARGE_AT_ONCE,
            small_at_once=SMALL_AT_ONCE,
            observer=self._client.observer,
        )

    def _remember(self, rows: Sequence[TaskRecord]) -> None:
        # whole tasks: a list's rows have every field
        self._tasks.prime({row.key: row for row in rows})

    async def _execute(self, request: PrintedRequest) -> Answer:
        return await self._read(lambda: self._client.execute(request, self._credential))

    async def image_url(self, key: str) -> str | None:
        """Where `/v1/media/:id/image` redirects to; None where there is no such picture."""
        return await self._read(lambda: self._client.image_url(key, self._credential))

    async def _read(self, call: Callable[[], Awaitable[T]]) -> T:
        return await retry.read(
            call,
            provider=self.provider,
            breaker=self.breaker,
            seconds=self._seconds,
            observer=self._client.observer,
        )
