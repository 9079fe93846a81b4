"""PixAI's list: `me { tasks }`, a Relay connection whose edges ascend in time.

The newest page is `last: N`; older ones follow with `before: pageInfo.startCursor`. PixAI's public documents
name no list for API keys: where the field or the right to it is refused, it is not offered for a while.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from loaders import coerce, http
from loaders.errors import NotSupported
from loaders.listing import Listing, ListStep
from loaders.pixai import documents, error_codes, normalise
from loaders.pixai.client import Answer, DocumentRefused
from loaders.pixai.documents import PrintedRequest
from loaders.records import Capability, Provider, TaskRecord
from loaders.shared import Shared

GIVEN_UP = 600.0  # seconds


def _nothing(_rows: Sequence[TaskRecord]) -> None:
    """Whoever walks a list alone looks nothing up afterwards."""


class ListPage(NamedTuple):
    """What one call brought. rows: newest first. older: the `before` of the page behind it; None: unknown."""

    rows: tuple[TaskRecord, ...]
    older: str | None
    has_more: bool


class PixaiLister:
    """execute: sends a document. remember: is told the rows of each page. clock: in seconds.

    pages: those under way; None: no other lister's.
    """

    def __init__(
        self,
        execute: Callable[[PrintedRequest], Awaitable[Answer]],
        remember: Callable[[Sequence[TaskRecord]], None] = _nothing,
        pages: Shared[ListPage] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._execute = execute
        self._remember = remember
        self._pages = Shared(Provider.PIXAI) if pages is None else pages
        self._clock = clock
        self._refused_until = 0.0

    def capabilities(self) -> Iterable[Capability]:
        """The key's own tasks alone; nothing while it may not even list those."""
        return (Capability.LIST_TASKS,) if self._clock() >= self._refused_until else ()

    async def walk(self, listing: Listing, hint: str | None = None) -> AsyncIterator[ListStep]:
        """Steps from the newest wanted row on. hint: the `before` of a page; None: from the front."""
        before = hint
        more = True
        while more:
            page = await self._pages.get((listing.size, before), partial(self._page, listing.size, before))
            more = page.has_more and page.older is not None and not listing.is_past(page.rows)
            yield ListStep(page.rows, hint=before, next_hint=page.older or before, is_last=not more)
            before = page.older

    async def _page(self, size: int, before: str | None) -> ListPage:
        if self._clock() < self._refused_until:
            raise _not_listed()
        try:
            answer = await self._execute(documents.task_page(size, before))
        except DocumentRefused as refusal:
            errors = refusal.errors
        else:
            errors = answer.errors
            connection = coerce.mapping(answer.data.get("me")).get("tasks")
            if isinstance(connection, Mapping):
                paging = coerce.mapping(connection.get("pageInfo"))
                rows, older = _rows(connection), coerce.text(paging.get("startCursor"))
                self._remember(rows)
                return ListPage(rows, older, paging.get("hasPreviousPage") is True)
        if error_codes.denies_a_field(errors):
            self._refused_until = self._clock() + GIVEN_UP
            raise _not_listed()
        if not errors:
            raise http.malformed(Provider.PIXAI, "no list of tasks")
        raise error_codes.to_source_error(errors)


def _not_listed() -> NotSupported:
    return NotSupported("PixAI lists no tasks for this key", provider=Provider.PIXAI)


def _rows(connection: Mapping[str, Any]) -> tuple[TaskRecord, ...]:
    nodes = [coerce.mapping(edge).get("node") for edge in coerce.items(connection.get("edges"))]
    found = [(node, coerce.text(node.get("id"))) for node in map(coerce.mapping, nodes)]
    read = [coerce.record(normalise.task, node, key, Provider.PIXAI) for node, key in reversed(found) if key]
    return tuple([row for row in read if isinstance(row, TaskRecord)])
