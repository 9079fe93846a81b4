"""`/graphql`: a real execution of PixAI's own schema, answered as Apollo Server does; and its WebSocket."""

from __future__ import annotations

from aiohttp import web
from graphql import DocumentNode, ExecutionResult, OperationType, execute_sync, get_operation_ast

from sandbox.fault_middleware import GRAPHQL_FAULTS
from sandbox.json_text import json_response
from sandbox.pixai.access import authentication_error
from sandbox.pixai.events import Connection
from sandbox.pixai.execution import formatted, prepared
from sandbox.pixai.fields import SCHEMA, Context
from sandbox.pixai.graph_faults import partial, refused_whole
from sandbox.pixai.graph_request import BadRequest, GraphRequest, Reader
from sandbox.pixai.server import Pixai


class Graph:
    """The GraphQL routes."""

    def __init__(self, server: Pixai) -> None:
        self._server = server
        self._reader = Reader()

    def routes(self) -> list[web.RouteDef]:
        """GET is for persisted queries and for WebSockets, whose key comes in connection_init."""
        return [web.post("/graphql", self._http), web.get("/graphql", self._get, allow_head=False)]

    async def _get(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get("Upgrade", "").lower() != "websocket":
            return await self._http(request)
        with self._server.streams.open(request) as stream:
            return await Connection(self._server, stream).serve()

    async def _http(self, request: web.Request) -> web.Response:
        refused = authentication_error(request, self._server.key)
        if refused is not None:
            return refused
        try:
            parsed = await self._reader.read(request)
        except BadRequest as error:
            return _whole(error.status, error.code, str(error))
        document = prepared(parsed.query, parsed.operation)
        if isinstance(document, list):
            return json_response({"errors": document}, status=400)
        return self._run(request, document, parsed)

    def _run(self, request: web.Request, document: DocumentNode, parsed: GraphRequest) -> web.Response:
        operation = get_operation_ast(document, parsed.operation)
        if operation is None or operation.operation is OperationType.SUBSCRIPTION:
            return _whole(400, "BAD_REQUEST", "Subscriptions go over the WebSocket.")
        if operation.operation is OperationType.MUTATION and request.method == "GET":
            return _whole(405, "BAD_REQUEST", "GET requests only support query operations")
        faults = request.get(GRAPHQL_FAULTS, [])
        refused = refused_whole(faults, operation)
        if refused is not None:
            return _whole(*refused)
        result = execute_sync(
            SCHEMA,
            document,
            variable_values=parsed.variables,
            context_value=Context(self._server, partial(faults)),
            operation_name=parsed.operation,
            check_sync=False,
        )
        return _answer(result)


def _answer(result: ExecutionResult) -> web.Response:
    if not result.errors:
        return json_response({"data": result.data})
    if result.data is None and all(
        error.path is None for error in result.errors
    ):  # the variables did not fit
        return json_response(
            {"errors": [formatted(error, "BAD_USER_INPUT") for error in result.errors]}, status=400
        )
    errors = [formatted(error, "INTERNAL_SERVER_ERROR") for error in result.errors]
    return json_response({"errors": errors, "data": result.data})


def _whole(status: int, code: str, message: str) -> web.Response:
    return json_response({"errors": [{"message": message, "extensions": {"code": code}}]}, status=status)
