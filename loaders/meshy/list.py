"""Meshy's list, walked by page number.

Pages move while they are read: a new task pushes rows down a page (they come twice, and are dropped by
whoever merges), a deleted one pulls rows up. A walk from a hint therefore looks one page back while the
page it starts at may have lost its first rows. A row that is pulled up between two steps of one walk is
missed by it: Meshy offers nothing to notice that by.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from typing import TypeAlias

from loaders.listing import Listing, ListStep
from loaders.records import Capability, TaskRecord

PAGE_SIZE = 50  # the most that Meshy gives; fixed, so that a page number means the same on the next walk
_MOST_DIGITS = 9


Page: TypeAlias = tuple[tuple[TaskRecord, ...], bool]  # its rows, newest first, and whether it was full


class MeshyLister:
    """Walks one resource.

    page: of a number from 1. One call each.
    """

    def __init__(self, page: Callable[[int], Awaitable[Page]]) -> None:
        self._page = page

    def capabilities(self) -> Iterable[Capability]:
        """The key's own tasks alone."""
        return (Capability.LIST_TASKS,)

    async def walk(self, listing: Listing, hint: str | None = None) -> AsyncIterator[ListStep]:
        """Steps from the newest wanted row on. hint: the page's number; another text means page 1.

        The steps back bring no rows: their page comes again, in its turn. What follows a page is looked
        for from that page on, too: its successor alone could not show whether rows were pulled up.
        """
        number = _number(hint)
        rows, full = await self._page(number)
        while number > 1 and _starts_too_late(rows, listing):
            number -= 1
            yield ListStep((), hint=str(number), next_hint=str(number))
            rows, full = await self._page(number)
        while True:
            more = full and not listing.is_past(rows)
            yield ListStep(rows, hint=str(number), next_hint=str(number), is_last=not more)
            if not more:
                return
            number += 1
            rows, full = await self._page(number)


def _number(hint: str | None) -> int:
    if hint is None or not (hint.isascii() and hint.isdecimal()) or len(hint) > _MOST_DIGITS:
        return 1
    return max(1, int(hint))


def _starts_too_late(rows: tuple[TaskRecord, ...], listing: Listing) -> bool:
    """Whether wanted rows may stand on an earlier page; those of the same instant as `before` too."""
    if not rows:
        return True
    first = rows[0].created_at
    if listing.from_unset:
        return first is None
    return listing.before is not None and (first is None or first <= listing.before)
