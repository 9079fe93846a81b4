"""`POST /graphql`: a real execution of PixAI's own schema, answered as Apollo Server answers."""

from __future__ import annotations

from functools import lru_cache

from aiohttp import web
from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    GraphQLSyntaxError,
    OperationType,
    execute_sync,
    get_operation_ast,
    parse,
    validate,
)

from sandbox.fault_middleware import GRAPHQL_FAULTS
from sandbox.json_text import json_response, loads
from sandbox.pixai.access import authentication_error
from sandbox.pixai.fields import SCHEMA, Context
from sandbox.pixai.graph_faults import partial, refused_whole
from sandbox.pixai.records import Json
from sandbox.pixai.server import Pixai

CACHED_DOCUMENTS = 256


class Graph:
    """The GraphQL route."""

    def __init__(self, server: Pixai) -> None:
        self._server = server

    def routes(self) -> list[web.RouteDef]:
        """Only POST; reading by GET is for the web application's persisted queries."""
        return [web.post("/graphql", self._post)]

    async def _post(self, request: web.Request) -> web.Response:
        refused = authentication_error(request, self._server.key)
        if refused is not None:
            return refused
        if request.content_type != "application/json":
            return _whole(400, "BAD_REQUEST", "This operation has been blocked as a potential CSRF.")
        try:
            body = loads(await request.read())
        except ValueError as error:
            return _whole(400, "BAD_REQUEST", f"The body is not JSON: {error}")
        if isinstance(body, list):
            return _whole(400, "BAD_REQUEST", "Operation batching disabled.")
        text = body.get("query") if isinstance(body, dict) else None
        if isinstance(body, dict) and text is None and "persistedQuery" in (body.get("extensions") or {}):
            return _whole(200, "PERSISTED_QUERY_NOT_FOUND", "PersistedQueryNotFound")
        if not isinstance(body, dict) or not isinstance(text, str) or not text:
            return _whole(400, "BAD_REQUEST", "GraphQL operations must contain a non-empty `query`.")
        variables = body.get("variables") or {}
        if not isinstance(variables, dict):
            return _whole(400, "BAD_REQUEST", "`variables` in a POST body must be an object if provided.")
        return self._run(request, text, variables, body.get("operationName"))

    def _run(self, request: web.Request, text: str, variables: Json, name: str | None) -> web.Response:
        document, errors = _checked(text)
        if document is None:
            return json_response({"errors": errors}, status=400)
        operation = get_operation_ast(document, name)
        if operation is None:
            return _whole(400, "OPERATION_RESOLUTION_FAILURE", f"Unknown operation named {name!r}.")
        if operation.operation is OperationType.SUBSCRIPTION:
            return _whole(400, "BAD_REQUEST", "Subscriptions go over the WebSocket.")
        faults = request.get(GRAPHQL_FAULTS, [])
        refused = refused_whole(faults, operation)
        if refused is not None:
            return _whole(*refused)
        context = Context(self._server.world, self._server.files, self._server.clock(), partial(faults))
        result = execute_sync(
            SCHEMA,
            document,
            variable_values=variables,
            context_value=context,
            operation_name=name,
            check_sync=False,
        )
        return _answer(result)


@lru_cache(CACHED_DOCUMENTS)
def _checked(text: str) -> tuple[DocumentNode | None, list[Json]]:
    """The document, or None and why it is refused."""
    try:
        document = parse(text)
    except GraphQLSyntaxError as error:
        return None, [_formatted(error, "GRAPHQL_PARSE_FAILED")]
    errors = validate(SCHEMA, document, hide_suggestions=True)
    return (
        (None, [_formatted(error, "GRAPHQL_VALIDATION_FAILED") for error in errors])
        if errors
        else (document, [])
    )


def _answer(result: ExecutionResult) -> web.Response:
    if not result.errors:
        return json_response({"data": result.data})
    if result.data is None and all(
        error.path is None for error in result.errors
    ):  # the variables did not fit
        return json_response(
            {"errors": [_formatted(error, "BAD_USER_INPUT") for error in result.errors]}, status=400
        )
    errors = [_formatted(error, "INTERNAL_SERVER_ERROR") for error in result.errors]
    return json_response({"errors": errors, "data": result.data})


def _formatted(error: GraphQLError, code: str) -> Json:
    found = dict(error.formatted)
    return found | {"extensions": {"code": code} | (error.extensions or {})}


def _whole(status: int, code: str, message: str) -> web.Response:
    return json_response({"errors": [{"message": message, "extensions": {"code": code}}]}, status=status)
