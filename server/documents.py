"""The documents that a server's settings name: read at its start, and compared with the schema."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping

from engine.entry import Reader
from schema.graph import Graph
from server.graphql import manifest
from server.graphql.manifest import DocumentsMode, ManifestError
from server.graphql.persisted import Documents
from server.settings import Settings, SettingsError

MOST = 10  # refused documents that are named


def trusted(settings: Settings) -> dict[str, str]:
    """Texts by id; {} without a manifest. Raises SettingsError."""
    if settings.documents is None or settings.documents_mode is DocumentsMode.OFF:
        return {}
    try:
        return manifest.read(settings.documents)
    except ManifestError as error:
        raise SettingsError(f"TRIPTYCH_DOCUMENTS={str(settings.documents)!r} {error}") from None


def opened(settings: Settings) -> Documents:
    """What requests may name. Raises SettingsError."""
    only = settings.documents_mode is DocumentsMode.ONLY
    return Documents(trusted(settings), only=only, capacity=settings.persisted_bytes)


async def refused(texts: Mapping[str, str], settings: Settings, graph: Graph) -> AsyncIterator[str]:
    """A sentence for each document that this server would not execute. texts: by id.

    Beside requests: a thousand documents take three seconds, a few milliseconds at a time.
    """
    reader = Reader(graph.graphql, settings.operation_limits(), hides_schema=not settings.introspection)
    count = 0
    for id_, text in texts.items():
        await asyncio.sleep(0)
        errors = reader.read(text, None).errors
        count += bool(errors)
        if errors and count <= MOST:
            yield f"Trusted document {id_[:80]} is refused: {errors[0].message}"
    if count > MOST:
        yield f"{count - MOST:,} more trusted documents are refused"
