"""midjourney-proxy's look-ups: many tasks per call."""

from __future__ import annotations

from functools import partial

from loaders import coerce, retry
from loaders.breaker import Breaker
from loaders.credentials import Credential
from loaders.midjourney import normalise
from loaders.midjourney.proxy.client import MjProxyClient
from loaders.outcome import Outcomes
from loaders.records import Provider, TaskRecord


class ProxyTasks:
    """The tasks that midjourney-proxy knows; it forgets old ones.

    seconds: how long one call may take, its retries included.
    """

    def __init__(self, client: MjProxyClient, credential: Credential, seconds: float) -> None:
        self.observer = client.observer
        self.breaker = Breaker(partial(client.observer.breaker_moved, Provider.MIDJOURNEY))
        self._client = client
        self._credential = credential
        self._seconds = seconds

    async def fetch(self, keys: list[str]) -> Outcomes[TaskRecord]:
        """All keys in one call; an unknown one is absent. Raises SourceError."""
        # a submit that was not accepted has a row at new-api, and nothing here
        wanted = [key for key in keys if coerce.is_text(key) and not key.startswith(normalise.UNLISTED)]
        if not wanted:
            return {}
        nodes = await retry.read(
            lambda: self._client.tasks(wanted, self._credential),
            provider=Provider.MIDJOURNEY,
            breaker=self.breaker,
            seconds=self._seconds,
            observer=self.observer,
        )
        tasks: dict[str, TaskRecord] = {}
        for task in map(normalise.proxy_task, nodes):
            if task is not None and not _is_older(task, tasks.get(task.key)):
                tasks[task.key] = task
        return {key: tasks[key] for key in wanted if key in tasks}


def _is_older(task: TaskRecord, known: TaskRecord | None) -> bool:
    """new-api's relay has a row for each submit of a task, a confirmation too, and follows the latest."""
    if known is None or task.created_at is None or known.created_at is None:
        return False
    return task.created_at < known.created_at
