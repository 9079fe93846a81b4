"""Finds tasks by key: in batches at midjourney-proxy, one a call at new-api, or both in turn."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from loaders import coerce, retry
from loaders.account import Reader
from loaders.batcher import Batcher
from loaders.breaker import Breaker
from loaders.budget import Budget
from loaders.cache import Cache, task_lifetime
from loaders.credentials import Credential
from loaders.midjourney import normalise
from loaders.midjourney.newapi.tasks import Rows
from loaders.midjourney.proxy.client import MjProxyClient
from loaders.outcome import Outcomes, gather_outcomes
from loaders.records import Provider, TaskRecord

CHUNK = 50  # ids a call; no limit is documented


class Lookup:
    """What each server knows of each key. rows, proxy: one may be None, and then knows nothing."""

    def __init__(
        self,
        rows: Rows | None,
        proxy: MjProxyClient | None,
        credential: Credential,
        breaker: Breaker,
        seconds: float,
    ) -> None:
        self._rows = rows
        self._proxy = proxy
        self._credential = credential
        self._breaker = breaker
        self._seconds = seconds

    async def proxied(self, keys: list[str]) -> Outcomes[TaskRecord]:
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
        )
        tasks = {task.key: task for task in map(normalise.proxy_task, nodes) if task is not None}
        return {key: self._completed(tasks[key]) for key in wanted if key in tasks}

    async def listed(self, keys: list[str]) -> Outcomes[TaskRecord]:
        """A call each to new-api, all at once; an unknown one is absent, a failed one holds its error."""
        if self._rows is None:
            return {}
        wanted = [key for key in keys if coerce.is_text(key)]
        outcomes = await gather_outcomes(map(self._rows.find, wanted))
        return {key: row for key, row in zip(wanted, outcomes, strict=True) if row is not None}

    def _completed(self, task: TaskRecord) -> TaskRecord:
        return task if self._rows is None else self._rows.completed(task)


class FallbackTasks(Reader[TaskRecord]):
    """midjourney-proxy first; what it does not know, and it forgets old tasks, one a call at new-api.

    Each waits for itself: a slow or failing new-api keeps nobody from what the proxy has answered, and its
    error is that of the keys which only it can tell.
    """

    def __init__(self, lookup: Lookup, known: Cache[TaskRecord], chunk: Callable[[], int]) -> None:
        self._proxy = Batcher(lookup.proxied, provider=Provider.MIDJOURNEY, cache=known, chunk=chunk)
        self._rows = Batcher(
            lookup.listed, provider=Provider.MIDJOURNEY, cache=Cache(task_lifetime), chunk=lambda: 1
        )

    async def get(self, keys: Iterable[str], budget: Budget) -> Outcomes[TaskRecord]:
        """What either knows; the error of a key is that of the server that was asked for it last."""
        wanted = list(keys)
        found = await self._proxy.get(wanted, budget)
        absent = [key for key in wanted if key not in found]
        if not absent:
            return found
        rows = await self._rows.get(absent, budget)
        for key, row in rows.items():
            if isinstance(row, TaskRecord) and row.is_terminal:
                self.prime(key, row)  # else what is asked of it next would ask the proxy again
        return found | rows

    def prime(self, key: str, task: TaskRecord) -> None:
        """Remember what is known of it."""
        self._proxy.prime(key, task)

    def prime_row(self, row: TaskRecord) -> None:
        """Remember what a list has brought, for when the proxy does not know it."""
        self._rows.prime(row.key, row)

    def invalidate(self, key: str) -> None:
        """Forget the key at both."""
        self._proxy.invalidate(key)
        self._rows.invalidate(key)

    async def close(self) -> None:
        """Let go of what is under way at both."""
        await self._proxy.close()
        await self._rows.close()
