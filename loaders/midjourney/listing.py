"""new-api's list, walked page by page.

It goes by row id, newest first, which follows the time of the submit but for a race: two submits of the
same moment may be numbered the other way round. Pages are therefore counted inside one fixed bound
(`end_timestamp`), not resumed from the time of a row, which would lose the other of the two. What is new
meanwhile pushes rows down a page: they come twice, and are dropped by whoever merges.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime

from loaders.listing import Listing, ListStep
from loaders.midjourney import normalise
from loaders.midjourney.newapi import MOST_ROWS, RowPage, RowQuery
from loaders.records import TaskRecord

UNSET = datetime.fromtimestamp(0, UTC)  # the time of a row that has none: it is stored as 0


class NewapiLister:
    """Walks the caller's rows, or everybody's.

    page: makes one list call. keep: told every row, to remember it.
    """

    def __init__(
        self, page: Callable[[RowQuery], Awaitable[RowPage]], keep: Callable[[TaskRecord], None]
    ) -> None:
        self._page = page
        self._keep = keep

    async def walk(
        self,
        listing: Listing,
        hint: str | None = None,  # noqa: ARG002 - the time in `before` finds the place
    ) -> AsyncGenerator[ListStep, None]:
        """See loaders.listing. No step has a hint, and none is needed."""
        query = RowQuery(
            admin=listing.all_owners,
            page_size=max(1, min(listing.size, MOST_ROWS)),
            start=listing.since,
            end=UNSET if listing.from_unset else listing.before,
            channel_id=listing.channel_id,
        )
        held: list[TaskRecord] = []
        unset: list[TaskRecord] = []  # they stand anywhere in the source's order, and at the end of ours
        is_last = False
        while not is_last:
            page = await self._page(query)
            rows = self._wanted(page, listing)
            unset += [row for row in rows if row.created_at is None]
            dated = [row for row in rows if row.created_at is not None]
            is_last = _is_last(page, query)
            ready, held = _sorted_out([*held, *dated], dated, is_last=is_last)
            total = page.total if _is_everything(query) else None
            yield ListStep(rows=(*ready, *(unset if is_last else ())), is_last=is_last, total=total)
            query = replace(query, page=query.page + 1)

    def _wanted(self, page: RowPage, listing: Listing) -> list[TaskRecord]:
        rows = [row for row in map(normalise.newapi_row, page.items) if row is not None]
        for row in rows:
            self._keep(row)
        return [
            row
            for row in rows
            if listing.channel_id in {None, row.channel_id}  # the caller's own list has no such filter
        ]


def _sorted_out(
    rows: list[TaskRecord], latest: list[TaskRecord], *, is_last: bool
) -> tuple[list[TaskRecord], list[TaskRecord]]:
    """The rows whose turn it is, newest first, and those that are older than what the next page begins with.

    The list has come as far as its last row; one that is older was numbered late.
    """
    if is_last or not latest:
        return (_newest_first(rows), []) if is_last else ([], rows)
    reached = _time(latest[-1])
    ready = [row for row in rows if _time(row) >= reached]
    return _newest_first(ready), [row for row in rows if _time(row) < reached]


def _newest_first(rows: Iterable[TaskRecord]) -> list[TaskRecord]:
    return sorted(rows, key=_time, reverse=True)  # stable: equal times keep the source's order


def _time(row: TaskRecord) -> datetime:
    return row.created_at or UNSET


def _is_last(page: RowPage, query: RowQuery) -> bool:
    if not page.items:
        return True
    if page.page_size is None:  # how many would have been a full page is not known
        return False
    if page.total is not None and query.page * page.page_size >= page.total:
        return True
    return len(page.items) < page.page_size


def _is_everything(query: RowQuery) -> bool:
    """Whether the count that comes along is of the whole list."""
    return query.page == 1 and all(bound is None for bound in (query.start, query.end, query.channel_id))
