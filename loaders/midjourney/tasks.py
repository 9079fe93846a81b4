"""Finds tasks by key: in batches at midjourney-proxy, one a call at new-api, or both in turn."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

from loaders import coerce, retry
from loaders.batcher import Batcher
from loaders.breaker import Breaker
from loaders.cache import Cache, task_lifetime
from loaders.credentials import Credential
from loaders.midjourney import normalise
from loaders.midjourney.newapi.tasks import Rows
from loaders.midjourney.proxy.client import MjProxyClient
from loaders.records import Provider, TaskRecord

CHUNK = 50  # ids a call; no limit is documented

Found = dict[str, TaskRecord | Exception]


class Lookup:
    """What each server knows of each key. rows, proxy: one may be None, and then knows nothing."""

    def __init__(
        self,
        rows: Rows | None,
        proxy: MjProxyClient | None,
        credential: Credential,
        breaker: Breaker,
        seconds: float,
        silence: float | None = None,
    ) -> None:
        self._rows = rows
        self._proxy = proxy
        self._credential = credential
        self._breaker = breaker
        self._seconds = seconds
        self._silence = silence

    async def proxied(self, keys: list[str]) -> Found:
        """All in one call to midjourney-proxy; an unknown one is absent. Raises SourceError."""
        proxy = self._proxy
        # a submit that was not accepted has a row, and nothing else
        wanted = [key for key in keys if coerce.is_text(key) and not key.startswith(normalise.UNLISTED)]
        if proxy is None or not wanted:
            return {}
        nodes = await retry.read(
            lambda: proxy.tasks(wanted, self._credential),
            provider=Provider.MIDJOURNEY,
            breaker=self._breaker,
            seconds=self._seconds,
            silence=self._silence,
        )
        tasks = {task.key: task for task in map(normalise.proxy_task, nodes) if task is not None}
        return {key: self._completed(tasks[key]) for key in wanted if key in tasks}

    async def listed(self, keys: list[str]) -> Found:
        """A call each to new-api, all at once; an unknown one is absent, a failed one holds its error."""
        if self._rows is None:
            return {}
        wanted = [key for key in keys if coerce.is_text(key)]
        outcomes = await asyncio.gather(*map(self._rows.find, wanted), return_exceptions=True)
        found: Found = {}
        for key, outcome in zip(wanted, outcomes, strict=True):
            if isinstance(outcome, BaseException) and not isinstance(outcome, Exception):
                raise outcome
            if outcome is not None:
                found[key] = outcome
        return found

    def _completed(self, task: TaskRecord) -> TaskRecord:
        return task if self._rows is None else self._rows.completed(task)


class Cascade(Batcher[TaskRecord]):
    """midjourney-proxy first; what it does not know, and it forgets old tasks, one a call at new-api.

    Each waits for itself: a slow or failing new-api keeps nobody from what the proxy has answered, and its
    error is that of the keys which only it can tell.
    """

    def __init__(self, lookup: Lookup, known: Cache[TaskRecord], chunk: Callable[[], int]) -> None:
        super().__init__(lookup.proxied, provider=Provider.MIDJOURNEY, cache=known, chunk=chunk)
        self._rows = Batcher(
            lookup.listed, provider=Provider.MIDJOURNEY, cache=Cache(task_lifetime), chunk=lambda: 1
        )

    async def get(self, keys: Iterable[str], deadline: float) -> dict[str, TaskRecord | Exception]:
        """See Batcher."""
        wanted = list(keys)
        found = await super().get(wanted, deadline)
        absent = [key for key in wanted if key not in found]
        if not absent:
            return found
        rows = await self._rows.get(absent, deadline)
        for key, row in rows.items():
            if isinstance(row, TaskRecord) and row.is_terminal:
                self.prime(key, row)  # else what is asked of it next would ask the proxy again
        return found | rows

    def prime_row(self, row: TaskRecord) -> None:
        """Remember what a list has brought, for when the proxy does not know it."""
        self._rows.prime(row.key, row)

    def forget(self, key: str) -> None:
        """See Batcher."""
        super().forget(key)
        self._rows.forget(key)

    async def close(self) -> None:
        """See Batcher."""
        await super().close()
        await self._rows.close()
