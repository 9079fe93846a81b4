"""Finds tasks by key: in batches at midjourney-proxy, where it is there; else one a call at new-api."""

from __future__ import annotations

import asyncio

from loaders import retry
from loaders.breaker import Breaker
from loaders.credentials import Credential
from loaders.midjourney import normalise
from loaders.midjourney.proxy import MjProxyClient
from loaders.midjourney.rows import Rows
from loaders.records import Provider, TaskRecord

CHUNK = 50  # ids a call; no limit is documented


class Lookup:
    """What is known of each key. rows, proxy: one may be None."""

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

    async def fetch(self, keys: list[str]) -> dict[str, TaskRecord | Exception]:
        """By key; an unknown one is absent. A submit that was not accepted has a row, and nothing else."""
        sendable = [key for key in keys if _is_sendable(key)]
        if self._proxy is None:
            return await self._each(sendable)
        of_rows = [key for key in sendable if key.startswith(normalise.UNLISTED)]
        of_proxy = [key for key in sendable if not key.startswith(normalise.UNLISTED)]
        found, others = await asyncio.gather(self._together(of_proxy, self._proxy), self._each(of_rows))
        return found | others

    async def _together(self, keys: list[str], proxy: MjProxyClient) -> dict[str, TaskRecord | Exception]:
        if not keys:
            return {}
        try:
            nodes = await retry.read(
                lambda: proxy.tasks(keys, self._credential),
                provider=Provider.MIDJOURNEY,
                breaker=self._breaker,
                seconds=self._seconds,
            )
        except Exception as error:  # of these keys, not of the rows beside them
            return dict.fromkeys(keys, error)
        tasks = {task.key: task for task in map(normalise.proxy_task, nodes) if task is not None}
        return {key: task for key in keys if (task := self._completed(key, tasks.get(key))) is not None}

    def _completed(self, key: str, task: TaskRecord | None) -> TaskRecord | None:
        # a proxy forgets old tasks; what a list has just shown is still known
        if self._rows is None:
            return task
        return self._rows.seen(key) if task is None else self._rows.completed(task)

    async def _each(self, keys: list[str]) -> dict[str, TaskRecord | Exception]:
        if self._rows is None:
            return {}
        outcomes = await asyncio.gather(*map(self._rows.find, keys), return_exceptions=True)
        found: dict[str, TaskRecord | Exception] = {}
        for key, outcome in zip(keys, outcomes, strict=True):
            if isinstance(outcome, BaseException) and not isinstance(outcome, Exception):
                raise outcome
            if outcome is not None:
                found[key] = outcome
        return found


def _is_sendable(key: str) -> bool:
    """Whether it is text that JSON and URLs can carry; half of a surrogate pair is not, and is no id."""
    try:
        key.encode()
    except UnicodeEncodeError:
        return False
    return True
