"""Documents that a request names instead of sending: trusted ones, and those that clients registered.

Named by                                  as sent by
extensions.persistedQuery.sha256Hash      Apollo's and urql's links; with the text, it registers the document
documentId                                the GraphQL over HTTP draft, graphql-codegen
doc_id, id                                network functions of Relay

A document that was found goes on as its text, under which the engine keeps its entry.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from hashlib import sha256
from sys import getsizeof
from typing import Any

from loaders.errors import ErrorCode

NOT_FOUND = "PERSISTED_QUERY_NOT_FOUND"
NOT_SUPPORTED = "PERSISTED_QUERY_NOT_SUPPORTED"
NOT_TRUSTED = "PERSISTED_QUERY_NOT_IN_LIST"
CAPACITY = 2 * 1024 * 1024  # bytes of registered documents
NAMES = ("documentId", "doc_id", "id")
PARAMETERS = frozenset({"query", "extensions", *NAMES})  # of a URL: whether it holds an operation


class DocumentError(Exception):
    """Why a request has no document to execute. code: for `extensions.code`."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class Registered:
    """Documents by their hash, the least recently used dropped first.

    capacity: bytes. A document that takes more than an eighth of it is executed and not kept.
    """

    def __init__(self, capacity: int = CAPACITY) -> None:
        self.capacity = capacity
        self.size = 0
        self._kept: OrderedDict[str, str] = OrderedDict()

    def get(self, hash_: str) -> str | None:
        """The text; None where nobody has registered it lately."""
        text = self._kept.get(hash_)
        if text is not None:
            self._kept.move_to_end(hash_)
        return text

    def put(self, hash_: str, text: str) -> None:
        """Keep a document under the hash that it has."""
        size = _size(hash_, text)
        if size * 8 > self.capacity or self.get(hash_) is not None:
            return
        self._kept[hash_] = text
        self.size += size
        while self.size > self.capacity:
            self.size -= _size(*self._kept.popitem(last=False))


class Documents:
    """Finds the text of a request's document.

    trusted: by id. only: nothing else is executed. capacity: bytes of what clients register; 0: they cannot.
    """

    def __init__(
        self, trusted: Mapping[str, str] | None = None, *, only: bool = False, capacity: int = CAPACITY
    ) -> None:
        self._trusted = {_bare(id_): text for id_, text in (trusted or {}).items()}
        self._only = frozenset(self._trusted.values()) if only else None
        self._registered = Registered(capacity)

    def text(self, fields: Mapping[str, Any]) -> str | None:
        """Of a request's fields as they were sent; None where they name no document. Raises DocumentError."""
        query = fields.get("query")
        extensions = fields.get("extensions")
        if isinstance(extensions, dict) and extensions.get("persistedQuery") is not None:
            query = self._persisted(query, _hash(extensions["persistedQuery"]))
        elif not query and (id_ := _id(fields)) is not None:
            query = self._named(id_)
        if self._only is not None and query and query not in self._only:
            raise DocumentError(NOT_TRUSTED, "This server executes trusted documents only")
        return query

    def _named(self, id_: str) -> str:
        text = self._trusted.get(id_) or self._registered.get(id_)
        if text is not None:
            return text
        if self._only is not None:
            raise DocumentError(NOT_TRUSTED, "No trusted document has this id")
        # clients look for exactly these words
        if not self._registered.capacity:
            raise DocumentError(NOT_SUPPORTED, "PersistedQueryNotSupported")
        raise DocumentError(NOT_FOUND, "PersistedQueryNotFound")

    def _persisted(self, query: object, hash_: str) -> str:
        if not isinstance(query, str) or not query:
            return self._named(hash_)
        if sha256(query.encode()).hexdigest() != hash_:
            if self._trusted.get(hash_) == query:  # Relay names documents by their MD5
                return query
            raise _wrong("persistedQuery.sha256Hash is not the SHA-256 hash of the query")
        if self._only is None:
            self._registered.put(hash_, query)
        return query


def is_named(fields: Mapping[str, Any]) -> bool:
    """Whether the fields name a document by an id or a hash."""
    extensions = fields.get("extensions")
    if isinstance(extensions, dict) and extensions.get("persistedQuery") is not None:
        return True
    return any(fields.get(name) is not None for name in NAMES)


def _id(fields: Mapping[str, Any]) -> str | None:
    found = next(((name, fields[name]) for name in NAMES if fields.get(name) is not None), None)
    if found is None:
        return None
    name, id_ = found
    if not isinstance(id_, str):
        raise _wrong(f"{name} must be a string")
    return _bare(id_)


def _hash(persisted: object) -> str:
    if not isinstance(persisted, dict) or not isinstance(persisted.get("sha256Hash"), str):
        raise _wrong("extensions.persistedQuery must be an object with version 1 and a sha256Hash")
    if persisted.get("version", 1) != 1:
        raise _wrong("Unsupported persistedQuery.version: expected 1")
    return _bare(persisted["sha256Hash"])


def _bare(id_: str) -> str:
    """`sha256:ABC…`, as the draft writes a hash, and `abc…`, as links do, are one id."""
    bare = id_.removeprefix("sha256:")
    return bare.lower() if len(bare) == 64 else bare


def _size(hash_: str, text: str) -> int:
    return getsizeof(hash_) + getsizeof(text)


def _wrong(message: str) -> DocumentError:
    return DocumentError(ErrorCode.BAD_USER_INPUT.value, message)
