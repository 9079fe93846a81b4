"""`/graphql`: Strawberry's HTTP and WebSocket endpoint, with this server's contexts, JSON and errors."""

from __future__ import annotations

import json
from codecs import BOM_UTF8
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import jiter
import orjson
from cross_web import AsyncHTTPRequestAdapter, HTTPException, StarletteRequestAdapter
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.exceptions import ConnectionRejectionError, MissingQueryError
from strawberry.http import GraphQLRequestData
from strawberry.http.base import BaseRequestProtocol
from strawberry.schema import BaseSchema
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.subscriptions import (
    GRAPHQL_SSE_PROTOCOL,
    GRAPHQL_TRANSPORT_WS_PROTOCOL,
    MULTIPART_SUBSCRIPTION_PROTOCOL,
)
from strawberry.types.execution import PreExecutionError
from strawberry.types.graphql import OperationType
from strawberry.types.unset import UNSET, UnsetType

from loaders.errors import ErrorCode
from resolvers.context import RequestContext, Role
from server import error_response
from server.graphql import body, graphiql, media_type
from server.graphql.departure import ended_by_departure
from server.graphql.events import Events, Parts, Streamed
from server.graphql.media_type import EVENTS, JSON, RESPONSE_JSON
from server.graphql.websocket import Connection, Handler, NewContext, client_address
from server.request_trace import stamped

PREFLIGHTED = ("x-apollo-operation-name", "apollo-require-preflight", "graphql-preflight")
ALLOWED = {"Allow": "GET, POST, OPTIONS"}
BY_METHOD = {"GET": {OperationType.QUERY}, "POST": {OperationType.QUERY, OperationType.MUTATION}}


class Adapter(StarletteRequestAdapter):
    """Lower-cases the media type: clients write it in any case, Strawberry compares it in lower case."""

    @property
    def content_type(self) -> str | None:
        """With its parameters as they are."""
        kind, semicolon, parameters = (super().content_type or "").partition(";")
        return f"{kind.strip().lower()}{semicolon}{parameters}"


class Endpoint(GraphQL[RequestContext | Connection, None]):
    """context: makes an operation's context. role_of: the role of an Authorization header."""

    graphql_transport_ws_handler_class = Handler
    request_adapter_class = Adapter
    stream_transport_classes_by_protocol = {  # noqa: RUF012 - Strawberry's own
        GRAPHQL_SSE_PROTOCOL: Events,
        MULTIPART_SUBSCRIPTION_PROTOCOL: Parts,
    }

    def __init__(
        self, schema: BaseSchema, context: NewContext, role_of: Callable[[str], Role | None]
    ) -> None:
        super().__init__(
            schema,
            subscription_protocols=(
                GRAPHQL_TRANSPORT_WS_PROTOCOL,
                GRAPHQL_SSE_PROTOCOL,
                MULTIPART_SUBSCRIPTION_PROTOCOL,
            ),
            multipart_uploads_enabled=True,
            connection_init_wait_timeout=timedelta(seconds=10),
        )
        self._context = context
        self._role_of = role_of

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or serve one WebSocket."""
        if scope["type"] == "http":
            receive = body.limited(receive, Request(scope).headers)
        await super().__call__(scope, receive, send)

    async def get_context(
        self,
        request: Request | WebSocket,
        response: Response | WebSocket,  # noqa: ARG002
    ) -> RequestContext | Connection:
        """One per HTTP request; one per WebSocket, which makes one per operation."""
        role: Role | None = request.scope["role"]
        if isinstance(request, WebSocket):
            return Connection(request.scope, request.headers, role)
        assert role is not None, "the guard lets only WebSockets authenticate later"
        return self._context(request.headers, role, client_address(request.scope))

    async def on_ws_connect(self, context: RequestContext | Connection) -> UnsetType:
        """After `connection_init`; without a valid token the socket is closed with 4403."""
        if isinstance(context, Connection) and not context.open(self._role_of, self._context):
            raise ConnectionRejectionError
        return UnsetType()

    def is_websocket_origin_allowed(self, request: WebSocket, origin: str) -> bool:  # noqa: ARG002
        """Always: the guard has checked it."""
        return True

    async def run(self, request: Any, context: Any = UNSET, root_value: Any = None) -> Any:
        """Answer; an error of the request itself has the form of a GraphQL error, too."""
        if not isinstance(request, Request):
            return await super().run(request, context, root_value)
        if request.method == "OPTIONS":
            return Response(status_code=204, headers=ALLOWED)
        try:
            if request.method == "POST":
                body.check(request.headers)
            if request.method in BY_METHOD and not _is_acceptable(request):
                raise HTTPException(406, f"Accept allows none of {JSON}, {RESPONSE_JSON} and {EVENTS}")
            if _is_simple(request):
                raise HTTPException(
                    403, f"Possible cross-site request: send one of the headers {', '.join(PREFLIGHTED)}"
                )
            return await super().run(request, context, root_value)
        except HTTPException as error:
            return _refused(request, error)
        finally:
            await request.close()  # an upload's files

    async def execute_single(self, *_: Any, **given: Any) -> Any:  # a result, or a stream of them
        """Queries, and mutations by POST; a subscription becomes a stream where the client takes events."""
        data: GraphQLRequestData = given["request_data"]
        request: Request = given["request"]
        context: RequestContext = given["context"]
        operation: dict[str, Any] = {
            "variable_values": data.variables,
            "context_value": context,
            "operation_name": data.operation_name,
            "operation_extensions": data.extensions,
        }
        try:
            async with ended_by_departure(request.receive, lambda: context.has_begun_write):
                return await self.schema.execute(
                    data.query, **operation, allowed_operation_types=BY_METHOD[request.method]
                )
        except CannotGetOperationTypeError as error:
            raise HTTPException(400, error.as_http_error_reason()) from None
        except MissingQueryError:
            raise HTTPException(400, "The request has no query") from None
        except InvalidOperationTypeError as error:
            if error.operation_type is OperationType.SUBSCRIPTION:
                accept = request.headers.get("accept", "")
                takes_events = media_type.takes_events(accept)
                if takes_events or media_type.takes_parts(accept):
                    data.protocol = "sse" if takes_events else "multipart-subscription"
                    only = {OperationType.SUBSCRIPTION}
                    return await self.schema.stream(data.query, **operation, allowed_operation_types=only)
                needed = "Subscriptions need a WebSocket, or Accept: text/event-stream"
                raise HTTPException(400, needed) from None
            raise HTTPException(405, error.as_http_error_reason(request.method)) from None

    def should_render_graphql_ide(self, request: BaseRequestProtocol) -> bool:
        """Whether it is a browser that opens the address without a query."""
        return _wants_page(request.method, request.query_params, request.headers)

    async def render_graphql_ide(self, request: Request) -> Response:
        """GraphiQL."""
        return graphiql.opened(request, self.graphql_ide_html)

    async def parse_http_body(self, request: AsyncHTTPRequestAdapter) -> Any:
        """The operation, answered in events only where the client likes them better than JSON."""
        data = await super().parse_http_body(request)
        assert isinstance(data, GraphQLRequestData), "parse_json refuses batches"
        is_stream = media_type.of_answer(request.headers.get("accept", "")) == EVENTS
        data.protocol = "sse" if is_stream else "http"
        return data

    async def process_result(self, request: Request, result: Any) -> Any:
        """The answer, each of its errors with the request's id.

        What was refused for its cost was not executed: it has no data, not even null.
        """
        answer: dict[str, Any] = {**await super().process_result(request, result)}
        codes = {(error.extensions or {}).get("code") for error in result.errors or ()}
        if isinstance(result, PreExecutionError) and ErrorCode.LIMIT_EXCEEDED.value in codes:
            answer.pop("data", None)
        if answer.get("errors"):
            answer["errors"] = stamped(request.scope, answer["errors"])
        return answer

    async def _create_streaming_response(
        self, request: Request, result: Any, protocol: Any, sub_response: Response
    ) -> Response:
        """Closes the results when the answer ends."""
        answer = await super()._create_streaming_response(request, result, protocol, sub_response)
        assert isinstance(answer, StreamingResponse)
        return Streamed(answer, result)

    async def get_sub_response(self, request: Request | WebSocket) -> Response:
        """Carries the media type of the response."""
        response = await super().get_sub_response(request)
        response.media_type = media_type.of_error(request.headers.get("accept", ""))
        return response

    def create_response(self, response_data: Any, sub_response: Response) -> Response:
        """A document that was not executed is a 400 without `data` in the newer media type.

        In plain JSON it is a 200, as clients of that type expect.
        """
        if sub_response.media_type != RESPONSE_JSON:
            return super().create_response(response_data, sub_response)
        errors = response_data.get("errors", ())
        is_of_request = response_data.get("data") is None and not any("path" in error for error in errors)
        if is_of_request:
            response_data = {name: part for name, part in response_data.items() if name != "data"}
        response = super().create_response(response_data, sub_response)
        response.headers["content-type"] = RESPONSE_JSON
        if is_of_request:
            has_bug = any(error["extensions"]["code"] == ErrorCode.INTERNAL for error in errors)
            response.status_code = 500 if has_bug else 400
        return response

    def parse_json(self, data: str | bytes) -> dict[str, Any]:
        """The body, or one part of a form, as an object; null counts as an empty one."""
        try:
            found = self.decode_json(data)
        except json.JSONDecodeError:
            raise HTTPException(400, "The request is not valid JSON") from None
        if isinstance(found, list):
            raise HTTPException(400, "Batches are not supported: send one operation per request")
        if not isinstance(found, dict | None):
            raise HTTPException(400, "Expected a JSON object with a query")
        if not isinstance((found or {}).get("operationName"), str | None):
            raise HTTPException(400, "operationName must be a string or null")
        return found or {}

    async def parse_multipart(self, request: AsyncHTTPRequestAdapter) -> dict[str, str]:
        """`operations`, `map` and the files; where they do not match, the request is wrong."""
        try:
            return await super().parse_multipart(request)
        except (AttributeError, IndexError, KeyError, TypeError, ValueError):
            raise HTTPException(400, "operations, map and files do not match") from None

    def decode_json(self, data: str | bytes) -> object:
        """Integers of any length stay exact; a byte order mark, written first by some editors, is skipped."""
        content = data.encode() if isinstance(data, str) else data
        try:
            return jiter.from_json(content.removeprefix(BOM_UTF8), allow_inf_nan=False, cache_mode="keys")
        except ValueError as error:
            raise json.JSONDecodeError(str(error), "", 0) from None

    def encode_json(self, data: object) -> str:
        """Text, because WebSocket clients expect text frames."""
        return orjson.dumps(data).decode()


def _is_simple(request: Request) -> bool:
    # any site may send a form or load a URL without a preflight, which a custom header requires
    if any(name in request.headers for name in PREFLIGHTED):
        return False
    if request.method == "POST":
        return body.kind(request.headers) == body.FORM
    is_foreign = request.headers.get("sec-fetch-site", "none") in {"cross-site", "same-site"}
    return is_foreign and "origin" not in request.headers and "query" in request.query_params


def _is_acceptable(request: Request) -> bool:
    accept = request.headers.get("accept", "")
    is_page = _wants_page(request.method, request.query_params, request.headers)
    return is_page or media_type.of_answer(accept) is not None or media_type.takes_parts(accept)


def _wants_page(method: str, query: Mapping[str, Any], headers: Mapping[str, str]) -> bool:
    return method == "GET" and "query" not in query and media_type.is_browser(headers)


def _refused(request: Request, error: HTTPException) -> Response:
    code = {403: ErrorCode.FORBIDDEN.value, 413: error_response.PAYLOAD_TOO_LARGE}.get(
        error.status_code, ErrorCode.BAD_USER_INPUT.value
    )
    return error_response.answer(
        error.status_code,
        code,
        error.reason,
        headers=ALLOWED if error.status_code == 405 else None,
        media_type=media_type.of_error(request.headers.get("accept", "")),
    )
