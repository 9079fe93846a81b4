"""What PixAI can be asked with one key."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from loaders import cache, coerce, retry
from loaders.account import Account
from loaders.batcher import Batcher
from loaders.breaker import Breaker
from loaders.credentials import Credential
from loaders.errors import SourceError
from loaders.pixai import documents, normalise
from loaders.pixai.aliased import AliasedReader, AliasLimit
from loaders.pixai.client import Answer, PixaiClient
from loaders.pixai.documents import PrintedRequest, Selection
from loaders.pixai.list import PixaiLister
from loaders.records import Capability, MediaRecord, Provider, TaskRecord

_CAPABILITIES = frozenset(
    {
        Capability.GET_TASK,
        Capability.GET_TASKS_BATCH,
        Capability.LIST_TASKS,
        Capability.GET_MEDIA,
        Capability.GET_SEED,
    }
)

R = TypeVar("R", TaskRecord, MediaRecord)


class PixaiAccount(Account):
    """Tasks and media in aliased batches; seeds come with their tasks.

    chunk: ids a document. seconds: how long one fetch may take, its retries included. silence: see
    retry.read.
    """

    provider = Provider.PIXAI

    def __init__(
        self,
        client: PixaiClient,
        credential: Credential,
        *,
        chunk: int,
        seconds: float,
        silence: float | None = None,
    ) -> None:
        self.breaker = Breaker()
        self.capabilities = _CAPABILITIES
        self.lister = PixaiLister(self._execute, self._stop_listing)
        self._client = client
        self._credential = credential
        self._seconds = seconds
        self._silence = silence
        self._limit = AliasLimit(chunk)
        self.tasks = self._batcher(documents.TASK, normalise.task, cache.Cache(cache.task_lifetime))
        self.media = self._batcher(documents.MEDIA, normalise.media, cache.Cache(cache.media_lifetime))

    def _batcher(
        self, selection: Selection, normalised: Callable[[Mapping[str, Any], str], R], kept: cache.Cache[R]
    ) -> Batcher[R]:
        reader = AliasedReader(selection, self._execute, self._limit)

        async def fetch(keys: list[str]) -> dict[str, R | Exception]:
            found = await reader.fetch(keys)
            return {
                key: (
                    node
                    if isinstance(node, SourceError)
                    else coerce.record(normalised, node, key, self.provider)
                )
                for key, node in found.items()
            }

        return Batcher(fetch, provider=self.provider, cache=kept, chunk=lambda: self._limit.chunk)

    def _stop_listing(self) -> None:
        self.capabilities = self.capabilities - {Capability.LIST_TASKS}

    async def _execute(self, request: PrintedRequest) -> Answer:
        return await retry.read(
            lambda: self._client.execute(request, self._credential),
            provider=self.provider,
            breaker=self.breaker,
            seconds=self._seconds,
            silence=self._silence,
        )

    async def image_url(self, key: str) -> str | None:
        """Where `/v1/media/:id/image` redirects to; None where there is no such picture."""
        return await retry.read(
            lambda: self._client.image_url(key, self._credential),
            provider=self.provider,
            breaker=self.breaker,
            seconds=self._seconds,
            silence=self._silence,
        )
