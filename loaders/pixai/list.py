"""PixAI's list: `me { tasks }`, a Relay connection whose edges ascend in time.

The newest page is `last: N`; older ones follow with `before: pageInfo.startCursor`. PixAI's public documents
name no list for API keys: where the field or the right to it is refused, it is not offered for a while.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from typing import Any

from loaders import coerce, http
from loaders.errors import NotSupported
from loaders.listing import Listing, ListStep
from loaders.pixai import documents, error_codes, normalise
from loaders.pixai.client import Answer, DocumentRefused
from loaders.pixai.documents import PrintedRequest
from loaders.records import Capability, Provider, TaskRecord

GIVEN_UP = 600.0  # seconds


class PixaiLister:
    """execute: sends a document. clock: in seconds."""

    def __init__(
        self,
        execute: Callable[[PrintedRequest], Awaitable[Answer]],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._execute = execute
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
            connection = await self._page(listing.size, before)
            rows = tuple(_rows(connection))
            page = coerce.mapping(connection.get("pageInfo"))
            older = coerce.text(page.get("startCursor"))
            more = page.get("hasPreviousPage") is True and older is not None and not listing.is_past(rows)
            yield ListStep(rows, hint=before, next_hint=older or before, is_last=not more)
            before = older

    async def _page(self, size: int, before: str | None) -> Mapping[str, Any]:
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
                return connection
        if error_codes.denies_a_field(errors):
            self._refused_until = self._clock() + GIVEN_UP
            raise _not_listed()
        if not errors:
            raise http.malformed(Provider.PIXAI, "no list of tasks")
        raise error_codes.to_source_error(errors)


def _not_listed() -> NotSupported:
    return NotSupported("PixAI lists no tasks for this key", provider=Provider.PIXAI)


def _rows(connection: Mapping[str, Any]) -> list[TaskRecord]:
    nodes = [coerce.mapping(edge).get("node") for edge in coerce.items(connection.get("edges"))]
    found = [(node, coerce.text(node.get("id"))) for node in map(coerce.mapping, nodes)]
    read = (coerce.record(normalise.task, node, key, Provider.PIXAI) for node, key in reversed(found) if key)
    return [row for row in read if isinstance(row, TaskRecord)]
