"""Documents against PixAI's schema: parsed, validated, and their errors as Apollo Server writes them."""

from __future__ import annotations

from functools import lru_cache

from graphql import DocumentNode, GraphQLError, GraphQLSyntaxError, get_operation_ast, parse, validate

from sandbox.pixai.fields import SCHEMA
from sandbox.pixai.records import Json

CACHED_DOCUMENTS = 256


def prepared(text: object, name: str | None) -> DocumentNode | list[Json]:
    """A valid document in which the operation can be found, or the errors."""
    if not isinstance(text, str) or not text:
        return [_error("BAD_REQUEST", "GraphQL operations must contain a non-empty `query`.")]
    document, errors = _checked(text)
    if document is None:
        return errors
    if get_operation_ast(document, name) is None:
        return [_error("OPERATION_RESOLUTION_FAILURE", f"Unknown operation named {name!r}.")]
    return document


def formatted(error: GraphQLError, code: str) -> Json:
    """code: for an error that has none of its own."""
    return dict(error.formatted) | {"extensions": {"code": code} | (error.extensions or {})}


def _error(code: str, message: str) -> Json:
    return {"message": message, "extensions": {"code": code}}


@lru_cache(CACHED_DOCUMENTS)
def _checked(text: str) -> tuple[DocumentNode | None, list[Json]]:
    try:
        document = parse(text)
    except GraphQLSyntaxError as error:
        return None, [formatted(error, "GRAPHQL_PARSE_FAILED")]
    errors = validate(SCHEMA, document, hide_suggestions=True)
    if errors:
        return None, [formatted(error, "GRAPHQL_VALIDATION_FAILED") for error in errors]
    return document, []
