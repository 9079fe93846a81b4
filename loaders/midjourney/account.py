"""What Midjourney can be asked with one credential."""

from __future__ import annotations

from collections.abc import Sequence

from loaders import cache, coerce, task_media
from loaders.account import Account
from loaders.batcher import Batcher
from loaders.breaker import Breaker
from loaders.credentials import Credential
from loaders.midjourney import normalise
from loaders.midjourney.newapi.client import NewapiClient
from loaders.midjourney.newapi.list import NewapiLister
from loaders.midjourney.newapi.tasks import Rows
from loaders.midjourney.proxy.client import MjProxyClient
from loaders.midjourney.proxy.seeding import SEEDS_AT_ONCE, Seeding
from loaders.midjourney.tasks import CHUNK, Cascade, Lookup
from loaders.records import Capability, MediaRecord, Provider, TaskRecord, TaskStatus

MEDIA_AT_ONCE = 1000
ROW_KEPT = 5.0  # seconds that a row stands for a task that midjourney-proxy knows more about

_OF_NEWAPI = frozenset({Capability.LIST_TASKS, Capability.LIST_ALL_TASKS})
_OF_PROXY = frozenset({Capability.GET_TASKS_BATCH, Capability.GET_SEED})


class MidjourneyAccount(Account):
    """Lists through new-api; look-ups in batches and seeds through midjourney-proxy; media from their tasks.

    What the proxy does not know is looked up at new-api, one a call. Only new-api's rows tell the cost, the
    owner and the channel: a task that was looked up at the proxy has them where a list or a look-up has
    brought its row within the last five minutes, and else None.

    newapi, proxy: one may be None. new-api alone looks tasks up one a call and has no seeds; the proxy alone
    has no list. credential: `newapi_token`, `newapi_user`, `mj_key`; without the token new-api is not asked,
    without the key the proxy is asked as an open one. seconds: how long one fetch may take, retries included.
    silence: see retry.read. breaker: of the look-ups; lists and seeds fail on their own.
    """

    provider = Provider.MIDJOURNEY

    def __init__(
        self,
        newapi: NewapiClient | None,
        proxy: MjProxyClient | None,
        credential: Credential,
        *,
        seconds: float,
        silence: float | None = None,
        chunk: int = CHUNK,
    ) -> None:
        rows = None
        if newapi is not None and "newapi_token" in credential.secrets:
            rows = Rows(newapi, credential, seconds, silence)
            self.lister = NewapiLister(rows.page, self._keep)
        self._rows = rows
        self._proxy = proxy
        self.breaker = Breaker() if proxy is not None or rows is None else rows.breaker
        self.capabilities = (
            frozenset({Capability.GET_TASK, Capability.GET_MEDIA})
            | (frozenset() if rows is None else _OF_NEWAPI)
            | (frozenset() if proxy is None else _OF_PROXY)
        )
        self._seconds = seconds
        self._known = cache.Cache(self._lifetime)
        lookup = Lookup(rows, proxy, credential, self.breaker, seconds, silence)
        if proxy is not None and rows is not None:
            self.tasks = Cascade(lookup, self._known, lambda: chunk)
        else:
            self.tasks = Batcher(
                lookup.listed if proxy is None else lookup.proxied,
                provider=self.provider,
                cache=self._known,
                chunk=lambda: 1 if proxy is None else chunk,
            )
        self.media = Batcher(
            self._fetch_media,
            provider=self.provider,
            cache=cache.Cache(cache.media_lifetime),
            chunk=lambda: MEDIA_AT_ONCE,
        )
        self.seeds = Batcher(
            Seeding(proxy, credential, self.tasks, seconds).fetch,
            provider=self.provider,
            # kept below, as numbers: pictures' URLs end, and a task may show more of them later
            cache=cache.Cache(lambda _seeds, _now: 0.0),
            chunk=lambda: 1,
            calls_at_once=SEEDS_AT_ONCE,
        )

    def remember(self, rows: Sequence[TaskRecord]) -> None:
        """Nothing: the lister tells each row as it reads it, to whom it belongs as well."""

    def _lifetime(self, task: TaskRecord, now: float) -> float:
        if task.status is TaskStatus.ACTION_REQUIRED:  # ends for whoever polls, not for who presses a button
            return cache.RUNNING
        kept = cache.task_lifetime(task, now)
        return min(ROW_KEPT, kept) if self._may_be_incomplete(task) else kept

    def _keep(self, row: TaskRecord) -> None:
        # the admins' list brings other people's rows, which a look-up with this credential might not
        assert self._rows is not None, "rows come from it"
        if not self._rows.belongs_to_caller(row.owner_id):
            return
        self._rows.remember(row)
        if isinstance(self.tasks, Cascade):
            self.tasks.prime_row(row)
        known = self._known.get(row.key)
        self.tasks.prime(
            row.key, row if known is None or not _is_still_true(known, row) else self._rows.completed(known)
        )

    def _may_be_incomplete(self, task: TaskRecord) -> bool:
        """Whether midjourney-proxy may know more pictures of it."""
        return self._proxy is not None and task.status is TaskStatus.SUCCEEDED and normalise.is_row(task)

    async def _fetch_media(self, keys: list[str]) -> dict[str, MediaRecord | Exception]:
        found = await task_media.media(keys, self.tasks, self._seconds)
        missing = [key for key in keys if key not in found]
        owners = {task_media.task_key(key) for key in missing}
        poor = {
            owner for owner in owners if (known := self._known.get(owner)) and self._may_be_incomplete(known)
        }
        if poor:
            for owner in poor:
                self._known.drop(owner)  # the row stays, for when the proxy does not know the task
            again = [key for key in missing if task_media.task_key(key) in poor]
            found |= await task_media.media(again, self.tasks, self._seconds)
        return found


def _is_still_true(known: TaskRecord, row: TaskRecord) -> bool:
    """Whether what midjourney-proxy told still stands beside a row: new-api looks there every 15 seconds."""
    return not normalise.is_row(known) and (known.status is row.status or known.status in coerce.FINISHED)
