"""The operations of one HTTP request: from the fields as they were sent to what is executed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cross_web import HTTPException
from graphql import GraphQLError
from strawberry.http import GraphQLRequestData
from strawberry.types.execution import PreExecutionError

from server.graphql.persisted import DocumentError, Documents

NAME = 60  # characters of a name that an error repeats


@dataclass
class Requested(GraphQLRequestData):
    """One operation. refusal: why its document is not known, or not executed."""

    refusal: DocumentError | None = None


def read(fields: Mapping[str, Any], documents: Documents) -> Requested:
    """One operation of the fields. Raises HTTPException where one has the wrong type."""
    for name, kinds, expected in _TYPES:
        if not isinstance(fields.get(name), kinds):
            raise HTTPException(400, f"{name} must be {expected} or null")
    query, refusal = fields.get("query"), None
    try:
        query = documents.text(fields)
    except DocumentError as error:
        refusal = error
    return Requested(
        query, fields.get("variables"), fields.get("operationName"), fields.get("extensions"), refusal=refusal
    )


def batch(items: list[Any], most: int, documents: Documents) -> list[Requested]:
    """The operations of an array, as BatchHttpLink sends it. most: how many; 0: no arrays.

    Raises HTTPException.
    """
    if not most:
        raise HTTPException(
            400, "Batches are switched off: send one operation per request (TRIPTYCH_LIMIT_BATCH allows more)"
        )
    if not 0 < len(items) <= most:
        raise HTTPException(
            400, f"The batch has {len(items):,} operations: expected 1 to {most:,} (TRIPTYCH_LIMIT_BATCH)"
        )
    if not all(isinstance(item, dict) for item in items):
        raise HTTPException(400, "Expected an array of JSON objects with a query each")
    return [read(item, documents) for item in items]


def fields_of(found: object) -> dict[str, Any]:
    """What was sent, as an object; null counts as an empty one. Raises HTTPException."""
    if not isinstance(found, dict | None):
        raise HTTPException(400, "Expected a JSON object with a query")
    return found or {}


def without_operation(data: Requested) -> str:
    """Why there is nothing to execute, in a few words whatever was sent."""
    name = data.operation_name
    if name is None:
        return "The document has no operation"
    return f"The document has no operation named {name[:NAME]!r}{'…' * (len(name) > NAME)}"


def refused(code: str, message: str) -> PreExecutionError:
    """The answer to an operation that is not executed."""
    return PreExecutionError(data=None, errors=[GraphQLError(message, extensions={"code": code})])


_STRING, _OBJECT = (str, type(None)), (dict, type(None))
_TYPES = (
    ("query", _STRING, "a string"),
    ("variables", _OBJECT, "an object"),
    ("operationName", _STRING, "a string"),
    ("extensions", _OBJECT, "an object"),
)
