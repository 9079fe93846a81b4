"""new-api's rows for one credential: read with retries, found one by one, and remembered from lists."""

from __future__ import annotations

import re
from contextlib import aclosing
from dataclasses import replace

from loaders import coerce, retry
from loaders.breaker import Breaker
from loaders.cache import FINISHED, Cache
from loaders.credentials import Credential
from loaders.listing import Listing
from loaders.midjourney import normalise
from loaders.midjourney.newapi.client import MOST_ROWS, NewapiClient, RowPage, RowQuery
from loaders.midjourney.newapi.list import UNSET, NewapiLister
from loaders.records import Provider, TaskRecord

ABSENT = 30.0  # seconds that a key is not asked for again which nobody knew

_UNLISTED = re.compile(rf"{normalise.UNLISTED}(\d{{1,18}}):\d+")


class Rows:
    """What the token's user has. seconds: how long one read may take, its retries included.

    silence: see retry.read.
    """

    def __init__(
        self, client: NewapiClient, credential: Credential, seconds: float, silence: float | None = None
    ) -> None:
        self.breaker = Breaker()  # of the user's own list
        self._admin_breaker = Breaker()
        self._client = client
        self._credential = credential
        self._seconds = seconds
        self._silence = silence
        self._seen: Cache[TaskRecord] = Cache(lambda _row, _now: FINISHED)
        self._negative_cache: Cache[bool] = Cache(lambda _absent, _now: ABSENT)

    async def page(self, query: RowQuery) -> RowPage:
        """One list call. Raises SourceError."""
        return await retry.read(
            lambda: self._client.list(query, self._credential),
            provider=Provider.MIDJOURNEY,
            breaker=self._admin_breaker if query.admin else self.breaker,
            seconds=self._seconds,
            silence=self._silence,
        )

    async def find(self, key: str) -> TaskRecord | None:
        """The row of a task; None where there is none, which is remembered. Raises SourceError."""
        if self._negative_cache.get(key):
            return None
        row = await (self._find_unlisted if key.startswith(normalise.UNLISTED) else self._find_listed)(key)
        if row is None:
            self._negative_cache.put(key, True)
        else:
            self.remember(row)
        return row

    async def _find_listed(self, key: str) -> TaskRecord | None:
        page = await self.page(RowQuery(mj_id=key, page_size=10))
        rows = filter(None, map(normalise.newapi_row, page.items))
        return next((row for row in rows if row.key == key), None)

    async def _find_unlisted(self, key: str) -> TaskRecord | None:
        # row:1720602000123:41 -> the rows of that instant -> the one with that number
        parts = _UNLISTED.fullmatch(key)
        if parts is None:
            return None
        instant = coerce.time(int(parts[1]))
        listing = Listing(size=MOST_ROWS, before=instant or UNSET, since=instant, from_unset=instant is None)
        async with aclosing(NewapiLister(self.page, self.remember).walk(listing)) as steps:
            async for step in steps:
                for row in step.rows:
                    if row.key == key:
                        return row
        return None

    def belongs_to_caller(self, owner_id: str | None) -> bool:
        """Whether rows of this owner are the token's user's. None: a list of one's own that does not say."""
        return owner_id in {None, self._credential.secrets.get("newapi_user")}

    def remember(self, row: TaskRecord) -> None:
        """Keep for five minutes what only a row tells."""
        self._seen.put(row.key, row)
        self._negative_cache.drop(row.key)

    def completed(self, task: TaskRecord) -> TaskRecord:
        """With the owner, the channel and the cost that a row has told."""
        row = self._seen.get(task.key)
        if row is None:
            return task
        return replace(
            task,
            owner_id=task.owner_id or row.owner_id,
            channel_id=task.channel_id or row.channel_id,
            cost=task.cost or row.cost,
        )
