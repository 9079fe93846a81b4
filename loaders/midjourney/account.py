"""The operations that Midjourney offers to one credential."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial

from loaders.account import Account, TaskReads
from loaders.batcher import Batcher
from loaders.credentials import Credential
from loaders.midjourney.newapi.client import NewapiClient, RowQuery
from loaders.midjourney.newapi.list import Listed, NewapiLister
from loaders.midjourney.newapi.seed import PromptSeeds
from loaders.midjourney.newapi.tasks import NewapiTasks
from loaders.midjourney.proxy.client import MjProxyClient
from loaders.midjourney.proxy.seed import seed_reader
from loaders.midjourney.proxy.tasks import ProxyTasks
from loaders.midjourney.tasks import FallbackTasks, newapi_reader, proxy_reader
from loaders.midjourney.watch import watcher
from loaders.midjourney.writes import MidjourneyWrites
from loaders.records import Provider, TaskRecord
from loaders.rhythm import USUAL, WATCHED, Places, Rhythm
from loaders.shared import Shared
from loaders.task_media import TaskMedia


class MidjourneyAccount(Account):
    """Lists through new-api; look-ups in batches and seeds through midjourney-proxy; media from their tasks.

    Tasks that the proxy does not know are looked up at new-api, one per call. Only new-api's rows tell the
    cost, the owner and the channel: a task that was looked up at the proxy has them where a list or a
    look-up has brought its row within the last five minutes; otherwise they are None.

    newapi, proxy: one may be None. new-api alone looks tasks up one per call and has only the seeds that
    prompts tell; the proxy alone has no list. credential: `newapi_token`, `newapi_user`, `mj_key`; without
    the token new-api is not asked, without the key the proxy is asked as an open one. seconds: how long one
    fetch may take, retries included; write_seconds: for one change. breaker: of the look-ups; lists, seeds
    and writes fail on their own. places, rhythm: of the tasks that are watched.
    allowed: origins that users' URLs may lead to, though they are not public (loaders.public_url).

    Writes go through midjourney-proxy, or new-api's relay in its place: new-api's token alone opens neither.
    """

    provider = Provider.MIDJOURNEY

    def __init__(
        self,
        newapi: NewapiClient | None,
        proxy: MjProxyClient | None,
        credential: Credential,
        *,
        seconds: float,
        write_seconds: float = 30.0,
        allowed: Collection[str] = (),
        places: Places | None = None,
        rhythm: Rhythm = USUAL,
    ) -> None:
        watched = partial(
            watcher,
            places=places or Places(WATCHED),
            rhythm=rhythm,
            seconds=seconds,
            changed=self.has_changed,
        )
        rows: NewapiTasks | None = None
        if newapi is not None and "newapi_token" in credential.secrets:
            rows = listed = NewapiTasks(newapi, credential, seconds)
            pages: Shared[Listed] = Shared(self.provider, self.heard)
            self.lists = NewapiLister(lambda query: pages.get(query, partial(self._page, listed, query)))
        self._tasks: Batcher[TaskRecord] | FallbackTasks
        if proxy is None:
            assert rows is not None, "neither server can be asked"
            self.breaker = rows.breaker
            self._tasks = newapi_reader(rows)
            self.watch = watched(self._tasks, is_batched=False)
            self.reads = TaskReads(tasks=self._tasks, media=TaskMedia(self._tasks), seeds=PromptSeeds())
            return
        lookups = ProxyTasks(proxy, credential, seconds)
        self.breaker = lookups.breaker
        self._tasks = proxy_reader(lookups) if rows is None else FallbackTasks(lookups, rows)
        self.reads = TaskReads(
            tasks=self._tasks,
            media=TaskMedia(self._tasks),
            seeds=seed_reader(proxy, credential),
            is_batched=True,
            tells_seeds=True,
        )
        is_relay = newapi is not None and newapi.origin == proxy.origin
        self.writes = MidjourneyWrites(
            proxy, credential, seconds=write_seconds, allowed=allowed, is_relay=is_relay
        )
        self.watch = watched(self._tasks, is_batched=True)

    async def _page(self, rows: NewapiTasks, query: RowQuery) -> Listed:
        page = await rows.page(query)
        # of the token's user alone; of two rows of one task, the newer
        self._tasks.prime({row.key: row for row in page.rows if rows.remember(row)})
        return page
