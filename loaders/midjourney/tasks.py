"""Look-ups over both servers: midjourney-proxy knows more of a task, new-api knows more tasks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from loaders import coerce
from loaders.account import Reader
from loaders.batcher import Batcher
from loaders.budget import Budget
from loaders.cache import RUNNING, Cache, Kept, task_lifetime
from loaders.midjourney import CHUNK
from loaders.midjourney.newapi.tasks import NewapiTasks
from loaders.midjourney.proxy.tasks import ProxyTasks
from loaders.outcome import Outcomes
from loaders.records import Provider, TaskRecord, TaskStatus


def lifetime(task: TaskRecord, now: float) -> float:
    """Seconds that a task may be remembered, as in loaders.cache.

    One that waits for a person has ended for whoever polls it, but not for the person who presses a button.
    """
    return RUNNING if task.status is TaskStatus.ACTION_REQUIRED else task_lifetime(task, now)


def proxy_reader(proxy: ProxyTasks) -> Batcher[TaskRecord]:
    """midjourney-proxy alone."""
    return Batcher(
        proxy.fetch,
        provider=Provider.MIDJOURNEY,
        cache=Cache(lifetime),
        chunk=lambda: CHUNK,
        observer=proxy.observer,
    )


def newapi_reader(newapi: NewapiTasks) -> Batcher[TaskRecord]:
    """new-api alone, one task per call."""
    return Batcher(
        newapi.fetch,
        provider=Provider.MIDJOURNEY,
        cache=Cache(lifetime),
        chunk=lambda: 1,
        observer=newapi.observer,
    )


class FallbackTasks(Reader[TaskRecord]):
    """midjourney-proxy first; what it does not know is looked up at new-api, one task per call.

    A row never stands for what the proxy may know: a look-up after a list answers the same as one without it.

    Keys wait only for the server that answers them: a slow or failing new-api keeps nobody from what the
    proxy has answered, and its error is that of the keys which only it can know.
    """

    def __init__(self, proxy: ProxyTasks, newapi: NewapiTasks) -> None:
        self._proxy = proxy
        self._newapi = newapi
        self._known: Cache[TaskRecord] = Cache(lifetime)
        self._by_proxy = Batcher(
            self._fetch_completed,
            provider=Provider.MIDJOURNEY,
            cache=self._known,
            chunk=lambda: CHUNK,
            observer=proxy.observer,
        )
        self._by_newapi = newapi_reader(newapi)

    async def get(self, keys: Iterable[str], budget: Budget) -> Outcomes[TaskRecord]:
        """What either server knows; a key's error is that of the server that was asked for it last."""
        wanted = list(keys)
        found = await self._by_proxy.get(wanted, budget)
        absent = [key for key in wanted if key not in found]
        return found | await self._by_newapi.get(absent, budget) if absent else found

    def kept(self, key: str, /) -> Kept[TaskRecord] | None:
        """What the proxy has reported. A row of new-api's holds only until the proxy is asked again."""
        return self._by_proxy.kept(key)

    def hit(self, keys: int, /) -> None:
        """Tell the proxy's observer."""
        self._by_proxy.hit(keys)

    def prime(self, rows: Mapping[str, TaskRecord]) -> None:
        """Remember a list's rows, for when the proxy does not know a task; a row costs no call then.

        What the proxy reported is kept where it still holds, with the row's owner, channel and cost.
        """
        self._by_newapi.prime(rows)
        for key, row in rows.items():
            known = self._known.get(key)
            if known is None:
                continue
            if known.status is row.status or known.status in coerce.FINISHED:
                self._by_proxy.prime({key: self._newapi.completed(known)})
            else:
                self._by_proxy.invalidate(key)

    def invalidate(self, key: str) -> None:
        """Forget the key at both servers."""
        self._by_proxy.invalidate(key)
        self._by_newapi.invalidate(key)

    async def close(self) -> None:
        """Let go of what is under way at both servers."""
        await self._by_proxy.close()
        await self._by_newapi.close()

    async def _fetch_completed(self, keys: list[str]) -> Outcomes[TaskRecord]:
        found = await self._proxy.fetch(keys)
        return {
            key: self._newapi.completed(task) if isinstance(task, TaskRecord) else task
            for key, task in found.items()
        }
