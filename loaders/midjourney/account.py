"""What Midjourney can be asked with one credential."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from loaders import cache, coerce
from loaders.account import Account, Reader, TaskReads
from loaders.batcher import Batcher
from loaders.breaker import Breaker
from loaders.budget import Budget
from loaders.credentials import Credential
from loaders.midjourney import normalise
from loaders.midjourney.newapi.client import NewapiClient
from loaders.midjourney.newapi.list import NewapiLister
from loaders.midjourney.newapi.tasks import Rows
from loaders.midjourney.proxy.client import MjProxyClient
from loaders.midjourney.seeds import PromptSeeds, seed_reader
from loaders.midjourney.tasks import CHUNK, FallbackTasks, Lookup
from loaders.outcome import Outcomes
from loaders.records import MediaRecord, Provider, TaskRecord, TaskStatus
from loaders.task_media import TaskMedia, task_key

ROW_KEPT = 5.0  # seconds that a row stands for a task that midjourney-proxy knows more about


class MidjourneyAccount(Account):
    """Lists through new-api; look-ups in batches and seeds through midjourney-proxy; media from their tasks.

    What the proxy does not know is looked up at new-api, one a call. Only new-api's rows tell the cost, the
    owner and the channel: a task that was looked up at the proxy has them where a list or a look-up has
    brought its row within the last five minutes, and else None.

    newapi, proxy: one may be None. new-api alone looks tasks up one a call and has no seeds; the proxy alone
    has no list. credential: `newapi_token`, `newapi_user`, `mj_key`; without the token new-api is not asked,
    without the key the proxy is asked as an open one. seconds: how long one fetch may take, retries included.
    breaker: of the look-ups; lists and seeds fail on their own.
    """

    provider = Provider.MIDJOURNEY

    def __init__(
        self,
        newapi: NewapiClient | None,
        proxy: MjProxyClient | None,
        credential: Credential,
        *,
        seconds: float,
        chunk: int = CHUNK,
    ) -> None:
        rows = None
        if newapi is not None and "newapi_token" in credential.secrets:
            rows = Rows(newapi, credential, seconds)
            self.lists = NewapiLister(rows.page)
        self._rows = rows
        self._proxy = proxy
        self.breaker = Breaker() if proxy is not None or rows is None else rows.breaker
        self._seconds = seconds
        self._known = cache.Cache(self._lifetime)
        lookup = Lookup(rows, proxy, credential, self.breaker, seconds)
        self._tasks: FallbackTasks | Batcher[TaskRecord]
        if proxy is not None and rows is not None:
            self._tasks = FallbackTasks(lookup, self._known, lambda: chunk)
        else:
            self._tasks = Batcher(
                lookup.listed if proxy is None else lookup.proxied,
                provider=self.provider,
                cache=self._known,
                chunk=lambda: 1 if proxy is None else chunk,
            )
        self.reads = TaskReads(
            tasks=self._tasks,
            media=_FullestMedia(self._tasks, self._has_more),
            seeds=PromptSeeds() if proxy is None else seed_reader(proxy, credential),
            is_batched=proxy is not None,
            tells_seeds=proxy is not None,
        )

    def _lifetime(self, task: TaskRecord, now: float) -> float:
        if task.status is TaskStatus.ACTION_REQUIRED:  # ends for whoever polls, not for who presses a button
            return cache.RUNNING
        kept = cache.task_lifetime(task, now)
        return min(ROW_KEPT, kept) if self._may_be_incomplete(task) else kept

    def remember(self, rows: Iterable[TaskRecord]) -> None:
        """Rows of the token's user alone: the admins' list brings rows that a look-up might not."""
        for row in rows:
            self._keep(row)

    def _keep(self, row: TaskRecord) -> None:
        assert self._rows is not None, "rows come from it"
        if not self._rows.belongs_to_caller(row.owner_id):
            return
        self._rows.remember(row)
        if isinstance(self._tasks, FallbackTasks):
            self._tasks.prime_row(row)
        known = self._known.get(row.key)
        self._tasks.prime(
            row.key, row if known is None or not _is_still_true(known, row) else self._rows.completed(known)
        )

    def _may_be_incomplete(self, task: TaskRecord) -> bool:
        """Whether midjourney-proxy may know more pictures of it."""
        return self._proxy is not None and task.status is TaskStatus.SUCCEEDED and normalise.is_row(task)

    def _has_more(self, task_key: str) -> bool:
        """Whether another look at the task may show more pictures; then what is known of it is forgotten.

        The row stays, for when the proxy does not know the task.
        """
        known = self._known.get(task_key)
        if known is None or not self._may_be_incomplete(known):
            return False
        self._known.drop(task_key)
        return True


class _FullestMedia(TaskMedia):
    """Media from their tasks; one that is missing from a row is looked for in the task itself, once."""

    def __init__(self, tasks: Reader[TaskRecord], has_more: Callable[[str], bool]) -> None:
        super().__init__(tasks)
        self._has_more = has_more

    async def get(self, keys: Iterable[str], budget: Budget) -> Outcomes[MediaRecord]:
        """Each medium, or the error of its task; one that its task does not have is absent."""
        wanted = list(keys)
        found = await super().get(wanted, budget)
        missing = [key for key in wanted if key not in found]
        owners = {owner for owner in map(task_key, missing) if self._has_more(owner)}
        again = [key for key in missing if task_key(key) in owners]
        return found | await super().get(again, budget) if again else found


def _is_still_true(known: TaskRecord, row: TaskRecord) -> bool:
    """Whether what midjourney-proxy told still stands beside a row: new-api looks there every 15 seconds."""
    return not normalise.is_row(known) and (known.status is row.status or known.status in coerce.FINISHED)
