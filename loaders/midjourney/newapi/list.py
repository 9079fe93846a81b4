"""new-api's list, walked page by page.

It goes by row id, newest first. A submit is stored a few milliseconds after its time was read, so that two
of the same moment may be numbered the other way round: ids follow times but for SKEW. Hence

    bounds     Pages are counted inside one fixed bound (`end_timestamp`, inclusive). Rows that are stored
               meanwhile push others down a page: those come twice, and whoever merges drops them.
    margin     A page that ends at a time t says nothing of t + SKEW and before: rows of the next page may
               still belong there. They are held back until a later page has gone past them; more rows than
               wanted are asked for, so that this costs no call.
    resuming   Every hint names the earliest page with rows that were not taken, in the bound it was counted
               in: `1730621826053:3:71` is the end in epoch ms, the page, and rows per page. Within another
               bound (the cursor has moved) the number means nothing, and the time alone finds the place.

The limit: a walk misses a row that stands behind one older than it by more than SKEW (a server whose clock
was set back, several servers whose clocks differ, a row stored late), if older rows have been shown when it
comes, because a cursor only goes down. It also misses a row that is stored after the rows of its moment
have been shown. A fresh walk brings both.
"""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from loaders.errors import Refused
from loaders.listing import Listing, ListStep
from loaders.midjourney import normalise
from loaders.midjourney.newapi.client import MOST_ROWS, RowPage, RowQuery
from loaders.records import Capability, TaskRecord

UNSET = datetime.fromtimestamp(0, UTC)  # the time of a row that has none: it is stored as 0
SKEW = timedelta(milliseconds=40)  # by which ids may stray from times: storing a row takes a few ms
WHOLE_SECONDS = timedelta(seconds=1)  # the same where the server rounds: 0.999 s and 1.001 s are 0 and 1
MORE_ROWS = 50  # beyond those that are wanted: what may stand within SKEW of a page's end

_HINT = re.compile(r"(\d{0,18}):(\d{1,9}):(\d{1,3})")
_Paged = tuple[int, TaskRecord]  # the page that brought it, itself


class Listed(NamedTuple):
    """What one call brought. sent: how many rows, those that cannot be read too.

    total: None where the build does not count. page_size: None where it does not report one.
    """

    rows: tuple[TaskRecord, ...]
    sent: int
    total: int | None = None
    page_size: int | None = None

    @classmethod
    def of(cls, page: RowPage) -> Listed:
        """The page, read."""
        rows = [row for row in map(normalise.newapi_row, page.items) if row is not None]
        return cls(tuple(rows), len(page.items), page.total, page.page_size)


class NewapiLister:
    """Walks the caller's rows, or everybody's. page: makes one list call."""

    def __init__(self, page: Callable[[RowQuery], Awaitable[Listed]]) -> None:
        self._page = page
        self._lists_all = False  # whether the admins' list answered when it was last asked

    def capabilities(self) -> Iterable[Capability]:
        """The caller's tasks, and everybody's once that list has answered.

        Which role a token has, only the admins' list tells: a server asks it once when it starts, with its
        own token (server/checks.py). A refusal takes the announcement back, as roles may change.
        """
        yield Capability.LIST_TASKS
        if self._lists_all:
            yield Capability.LIST_ALL_TASKS

    async def walk(self, listing: Listing, hint: str | None = None) -> AsyncGenerator[ListStep, None]:
        """Steps from the newest wanted row on, each one list call. Raises SourceError from the step.

        Rows of all channels come: only the admins' list can be narrowed to one.
        """
        query = _resumed(
            RowQuery(
                admin=listing.all_owners,
                page_size=max(1, min(listing.size + MORE_ROWS, MOST_ROWS)),
                start=listing.since,
                end=UNSET if listing.from_unset else listing.before,
                channel_id=listing.channel_id,
            ),
            hint,
        )
        held: list[_Paged] = []  # rows without a time until the end: they stand anywhere, and belong there
        is_last = False
        while not is_last:
            page = await self._call(query)
            latest = [(query.page, row) for row in page.rows]
            is_last = _is_last(page, query)
            ready, held = _sorted_out([*held, *latest], latest, is_last=is_last)
            size = page.page_size or query.page_size
            following = min((number for number, _ in held), default=query.page + 1)
            first = min((number for number, _ in ready), default=following)
            yield ListStep(
                rows=tuple(row for _, row in ready),
                hint=_hint(query.end, min(first, following), size),
                next_hint=_hint(query.end, following, size),
                is_last=is_last,
                total=page.total if _is_everything(query) else None,
            )
            query = replace(query, page=query.page + 1)

    async def _call(self, query: RowQuery) -> Listed:
        try:
            page = await self._page(query)
        except Refused:
            if query.admin:
                self._lists_all = False
            raise
        if query.admin:
            self._lists_all = True
        return page


def _hint(end: datetime | None, page: int, size: int) -> str:
    return f"{_milliseconds(end)}:{page}:{size}"


def _resumed(query: RowQuery, hint: str | None) -> RowQuery:
    """The query from the hint's page on, where it was counted in the same bound; else from the first."""
    parts = _HINT.fullmatch(hint or "")
    if parts is None or parts[1] != _milliseconds(query.end):
        return query
    page, size = int(parts[2]), int(parts[3])
    return replace(query, page=page, page_size=size) if page >= 1 and 1 <= size <= MOST_ROWS else query


def _milliseconds(end: datetime | None) -> str:
    return "" if end is None else str((end - UNSET) // timedelta(milliseconds=1))


def _sorted_out(
    rows: list[_Paged], latest: list[_Paged], *, is_last: bool
) -> tuple[list[_Paged], list[_Paged]]:
    """The rows whose turn it is, newest first, and those that rows of the next page may precede.

    The list has come as far as its last row that has a time; one that is older was numbered late.
    """
    if is_last:
        return _newest_first(rows), []
    reached = next((row.created_at for _, row in reversed(latest) if row.created_at is not None), None)
    if reached is None:
        return [], rows
    certain = reached + _skew(row for _, row in latest)
    ready = [paged for paged in rows if _time(paged) >= certain]
    return _newest_first(ready), [paged for paged in rows if _time(paged) < certain]


def _skew(rows: Iterable[TaskRecord]) -> timedelta:
    is_rounded = all(row.created_at is None or row.created_at.microsecond == 0 for row in rows)
    return WHOLE_SECONDS if is_rounded else SKEW


def _newest_first(rows: Iterable[_Paged]) -> list[_Paged]:
    return sorted(rows, key=_time, reverse=True)  # stable: equal times keep the source's order


def _time(paged: _Paged) -> datetime:
    return paged[1].created_at or UNSET


def _is_last(page: Listed, query: RowQuery) -> bool:
    if not page.sent:
        return True
    if page.page_size is None:  # how many would have been a full page is not known
        return False
    if page.total is not None and query.page * page.page_size >= page.total:
        return True
    return page.sent < page.page_size


def _is_everything(query: RowQuery) -> bool:
    """Whether the count that comes along is of the whole list."""
    return query.page == 1 and all(bound is None for bound in (query.start, query.end, query.channel_id))
