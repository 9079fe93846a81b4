"""PixAI's list: `me { tasks }`, a Relay connection whose edges ascend in time.

The newest page is `last: N`; older ones follow with `before: pageInfo.startCursor`. PixAI's public documents
name no list for API keys: where it is refused, the account stops offering it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from typing import Any

from loaders import coerce
from loaders.errors import NotSupported, Refused
from loaders.listing import Listing, ListStep
from loaders.pixai import documents, error_codes, normalise
from loaders.pixai.client import Answer, DocumentRefused
from loaders.pixai.documents import PrintedRequest
from loaders.records import Capability, Provider, TaskRecord


class PixaiLister:
    """execute: sends a document. refused: is told once that this key may not list."""

    def __init__(
        self, execute: Callable[[PrintedRequest], Awaitable[Answer]], refused: Callable[[], None]
    ) -> None:
        self._execute = execute
        self._refused = refused

    def capabilities(self) -> Iterable[Capability]:
        """The key's own tasks alone."""
        return (Capability.LIST_TASKS,)

    async def walk(self, listing: Listing, hint: str | None = None) -> AsyncIterator[ListStep]:
        """See loaders.listing. hint: the `before` of the page; an odd one starts at the front."""
        before = hint
        more = True
        while more:
            connection = await self._page(listing.size, before)
            rows = tuple(_rows(connection))
            page = coerce.mapping(connection.get("pageInfo"))
            older = coerce.text(page.get("startCursor"))
            more = page.get("hasPreviousPage") is True and older is not None and not _is_past(rows, listing)
            yield ListStep(rows, hint=before, next_hint=older or before, is_last=not more)
            before = older

    async def _page(self, size: int, before: str | None) -> Mapping[str, Any]:
        try:
            answer = await self._execute(documents.task_page(size, before))
        except DocumentRefused as refusal:
            errors = refusal.errors
        else:
            errors = answer.errors
            connection = coerce.mapping(answer.data.get("me")).get("tasks")
            if isinstance(connection, Mapping):
                return connection
        error = error_codes.to_source_error(errors)
        if not errors or isinstance(error, Refused) or error_codes.is_too_large(errors):
            # FORBIDDEN, no such field in the schema, or nobody behind this key: asking again cannot help
            self._refused()
            error = NotSupported("PixAI lists no tasks for this key", provider=Provider.PIXAI)
        raise error


def _rows(connection: Mapping[str, Any]) -> list[TaskRecord]:
    nodes = [coerce.mapping(edge).get("node") for edge in coerce.items(connection.get("edges"))]
    found = [(node, coerce.text(node.get("id"))) for node in map(coerce.mapping, nodes)]
    read = (coerce.record(normalise.task, node, key, Provider.PIXAI) for node, key in reversed(found) if key)
    return [row for row in read if isinstance(row, TaskRecord)]


def _is_past(rows: tuple[TaskRecord, ...], listing: Listing) -> bool:
    oldest = rows[-1].created_at if rows else None
    return listing.since is not None and oldest is not None and oldest < listing.since
