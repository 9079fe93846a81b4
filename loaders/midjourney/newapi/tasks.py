"""new-api's look-ups: the rows of one user, one task per call, and what only a row contains of a task."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import datetime
from functools import partial

from loaders import coerce, retry
from loaders.breaker import Breaker
from loaders.cache import FINISHED, Cache
from loaders.credentials import Credential
from loaders.errors import Refused, SourceError
from loaders.listing import Listing
from loaders.midjourney import normalise
from loaders.midjourney.newapi.client import MOST_ROWS, NewapiClient, RowPage, RowQuery
from loaders.midjourney.newapi.list import UNSET, Listed, NewapiLister
from loaders.observer import Observer
from loaders.outcome import Outcomes, gather_outcomes
from loaders.records import Provider, TaskRecord

_UNLISTED = re.compile(rf"{normalise.UNLISTED}(\d{{1,18}}):\d+")


class _Roles(Observer):
    """Of the admins' list: a refusal speaks of the token's role, not of the server, which is there."""

    def __init__(self, told: Observer) -> None:
        self._told = told

    def read_ended(self, provider: Provider, error: SourceError | None) -> None:
        """As if it had been answered, where it was refused."""
        self._told.read_ended(provider, None if isinstance(error, Refused) else error)

    def call_retried(self, provider: Provider, error: SourceError, pause: float) -> None:
        """Passed on."""
        self._told.call_retried(provider, error, pause)


class NewapiTasks:
    """The rows of the token's user.

    Only rows contain the owner, the channel and the cost; these are remembered for five minutes.
    seconds: how long one read may take, its retries included.
    """

    def __init__(self, client: NewapiClient, credential: Credential, seconds: float) -> None:
        self.observer = client.observer
        moved = partial(client.observer.breaker_moved, Provider.MIDJOURNEY)
        self.breaker = Breaker(moved)  # of the user's own list
        self._admin_breaker = Breaker(moved)
        self._client = client
        self._credential = credential
        self._seconds = seconds
        self._newest_rows: Cache[TaskRecord] = Cache(lambda _row, _now: FINISHED)

    async def page(self, query: RowQuery) -> Listed:
        """One list call. Raises SourceError."""
        page: RowPage = await retry.read(
            lambda: self._client.list(query, self._credential),
            provider=Provider.MIDJOURNEY,
            breaker=self._admin_breaker if query.admin else self.breaker,
            seconds=self._seconds,
            observer=_Roles(self.observer) if query.admin else self.observer,
        )
        return Listed.of(page)

    async def fetch(self, keys: list[str]) -> Outcomes[TaskRecord]:
        """One call per key, all at once; an unknown key is absent, a failed one holds its error."""
        wanted = [key for key in keys if coerce.is_text(key)]
        outcomes = await gather_outcomes(map(self._find, wanted))
        return {key: row for key, row in zip(wanted, outcomes, strict=True) if row is not None}

    async def _find(self, key: str) -> TaskRecord | None:
        rows = await (self._unlisted(key) if key.startswith(normalise.UNLISTED) else self._listed(key))
        row = max((row for row in rows if row.key == key), key=_recency, default=None)
        if row is not None:
            self.remember(row)
        return row

    async def _listed(self, key: str) -> Sequence[TaskRecord]:
        return (await self.page(RowQuery(mj_id=key, page_size=10))).rows

    async def _unlisted(self, key: str) -> Sequence[TaskRecord]:
        # row:1720602000123:41 -> the rows of that instant, of which one has that number
        parts = _UNLISTED.fullmatch(key)
        if parts is None:
            return []
        instant = coerce.time(int(parts[1]))
        listing = Listing(size=MOST_ROWS, before=instant or UNSET, since=instant, from_unset=instant is None)
        async with aclosing(NewapiLister(self.page).walk(listing)) as steps:
            async for step in steps:
                if found := [row for row in step.rows if row.key == key]:
                    return found
        return []

    def remember(self, row: TaskRecord) -> bool:
        """Keep what the row contains. False where it must not be kept.

        It is another user's, which the admins' list brings and a look-up might not, or older than a row of
        the same task that is known: a task that was submitted twice has two.
        """
        if row.owner_id not in {None, self._credential.secrets.get("newapi_user")}:
            return False
        known = self._newest_rows.get(row.key)
        if known is not None and _recency(row) < _recency(known):
            return False
        self._newest_rows.put(row.key, row)
        return True

    def completed(self, task: TaskRecord) -> TaskRecord:
        """The task with the owner, the channel and the cost from its row."""
        row = self._newest_rows.get(task.key)
        if row is None:
            return task
        return replace(
            task,
            owner_id=task.owner_id or row.owner_id,
            channel_id=task.channel_id or row.channel_id,
            cost=task.cost or row.cost,
        )


def _recency(row: TaskRecord) -> tuple[datetime, int]:
    """The later of two rows of one task compares higher."""
    return row.created_at or UNSET, normalise.row_number(row)
