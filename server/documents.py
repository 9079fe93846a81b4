"""The documents that a server's settings name: read at its start, and compared with the schema."""

from __future__ import annotations

from collections.abc import Mapping

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


def refused(texts: Mapping[str, str], settings: Settings, graph: Graph) -> list[str]:
    """A sentence for each document that this server would not execute. texts: by id."""
    reader = Reader(graph.graphql, settings.operation_limits(), hides_schema=not settings.introspection)
    entries = ((id_, reader.read(text, None)) for id_, text in texts.items())
    found = [
        f"Trusted document {id_[:80]} is refused: {entry.errors[0].message}"
        for id_, entry in entries
        if entry.errors
    ]
    if len(found) > MOST:
        found[MOST:] = [f"{len(found) - MOST:,} more trusted documents are refused"]
    return found
