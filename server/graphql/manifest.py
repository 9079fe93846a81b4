"""A manifest of trusted documents, as the tools of clients write it.

graphql-codegen's `persisted-documents.json`   {"<hash>": "<text>", …}
relay-compiler's `persisted_queries.json`      {"<hash>": "<text>", …}
Apollo's `generate-persisted-query-manifest`   {"format": "apollo-persisted-query-manifest", "version": 1,
                                                "operations": [{"id", "name", "type", "body"}, …]}
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any

import orjson

from server.os_errors import reason

LARGEST = 64 * 1024 * 1024  # bytes; it is held in memory
APOLLO = "apollo-persisted-query-manifest"


class DocumentsMode(StrEnum):
    """What a manifest is for."""

    OFF = "off"  # it is not read
    ALLOW = "allow"  # its documents may be named by their ids
    ONLY = "only"  # nothing else is executed


class ManifestError(Exception):
    """Why a manifest cannot be used, as the end of a sentence that begins with its path."""


def read(path: Path) -> dict[str, str]:
    """Texts by id. Raises ManifestError."""
    try:
        if path.stat().st_size > LARGEST:
            raise ManifestError(f"is larger than {LARGEST:,} bytes")
        found = orjson.loads(path.read_bytes())
    except OSError as error:
        raise ManifestError(f"cannot be read: {reason(error)}") from None
    except orjson.JSONDecodeError:
        raise ManifestError("is not valid JSON") from None
    documents: Any = _apollo(found) if _is_apollo(found) else found
    if not _is_map(documents):
        raise ManifestError(
            'is not a manifest: expected {"<id>": "<document>"} as graphql-codegen and Relay write it, '
            'or Apollo\'s {"format", "operations"}'
        )
    if not documents:
        raise ManifestError("has no documents")
    return dict(documents)


def _is_apollo(found: object) -> bool:
    return isinstance(found, dict) and found.get("format") == APOLLO


def _apollo(found: Mapping[str, Any]) -> Any:  # as the file has it
    operations = found.get("operations")
    if not isinstance(operations, list) or not all(isinstance(one, dict) for one in operations):
        return None
    return {one.get("id"): one.get("body") for one in operations}


def _is_map(found: object) -> bool:
    return isinstance(found, dict) and all(
        isinstance(id_, str) and id_ and isinstance(text, str) for id_, text in found.items()
    )
