"""`/graphql`: Strawberry's HTTP and WebSocket endpoint, with this server's contexts, JSON and errors."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import orjson
from cross_web import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry.exceptions import ConnectionRejectionError, MissingQueryError
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

from engine.batch import BATCH, Batch
from loaders.errors import ErrorCode
from resolvers.context import Caller, RequestContext, Role
from server.graphql import admission, body, media_type, requested
from server.graphql.departure import EndedByDeparture
from server.graphql.events import Events, Parts, Streamed
from server.graphql.graphiql import GraphiQL
from server.graphql.media_type import RESPONSE_JSON
from server.graphql.persisted import Documents
from server.graphql.reading import Reading
from server.graphql.requested import Requested, refused
from server.graphql.websocket import Connection, Handler, NewContext, client_address
from server.request_trace import stamped

BY_METHOD = {"GET": {OperationType.QUERY}, "POST": {OperationType.QUERY, OperationType.MUTATION}}


class Endpoint(Reading):
    """context: makes an operation's context. caller_of: who sends an Authorization header.

    limits: of bodies, for callers who may write; the others may send as much JSON as `body.LIMITS` says.
    documents: those that requests may name by an id. largest_batch: operations in one request; 0: one, and no
    array. graphiql: for browsers; None where there is none.
    """

    graphql_transport_ws_handler_class = Handler
    stream_transport_classes_by_protocol = {  # noqa: RUF012 - Strawberry's own
        GRAPHQL_SSE_PROTOCOL: Events,
        MULTIPART_SUBSCRIPTION_PROTOCOL: Parts,
    }

    def __init__(
        self,
        schema: BaseSchema,
        context: NewContext,
        caller_of: Callable[[str], Caller | None],
        limits: body.Limits = body.LIMITS,
        *,
        documents: Documents | None = None,
        largest_batch: int = 0,
        graphiql: GraphiQL | None = None,
    ) -> None:
        super().__init__(
            schema,
            subscription_protocols=(
                GRAPHQL_TRANSPORT_WS_PROTOCOL,
                GRAPHQL_SSE_PROTOCOL,
                MULTIPART_SUBSCRIPTION_PROTOCOL,
            ),
            graphql_ide=None,
            connection_init_wait_timeout=timedelta(seconds=10),
        )
        self.documents = documents or Documents()
        self._context = context
        self._caller_of = caller_of
        self._limits = limits
        self._read_limits = {**limits, body.JSON: min(limits[body.JSON], body.LIMITS[body.JSON])}
        self.largest_batch = largest_batch
        self._graphiql = graphiql

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or serve one WebSocket."""
        if scope["type"] == "http":
            receive = body.limited(receive, Request(scope).headers, self._limits_of(scope))
        await super().__call__(scope, receive, send)

    def _limits_of(self, scope: Scope) -> body.Limits:
        caller: Caller | None = scope["caller"]
        return self._limits if caller is not None and caller.role >= Role.WRITE else self._read_limits

    async def get_context(
        self,
        request: Request | WebSocket,
        response: Response | WebSocket,  # noqa: ARG002
    ) -> RequestContext | Connection:
        """One per HTTP request; one per WebSocket, which makes one per operation."""
        caller: Caller | None = request.scope["caller"]
        if isinstance(request, WebSocket):
            return Connection(request.scope, request.headers, caller)
        assert caller is not None, "the guard lets only WebSockets authenticate later"
        return self._context(request.headers, caller, client_address(request.scope))

    async def on_ws_connect(self, context: RequestContext | Connection) -> UnsetType:
        """After `connection_init`; without a valid token the socket is closed with 4403."""
        if isinstance(context, Connection) and not context.open(self._caller_of, self._context):
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
            return Response(status_code=204, headers=admission.ALLOWED)
        try:
            if self._graphiql is not None and admission.wants_page(request.scope):
                return self._graphiql.opened(request)
            if request.method in BY_METHOD:
                admission.check(request, self._limits_of(request.scope))
            return await super().run(request, context, root_value)
        except HTTPException as error:
            return admission.refusal(request, error)
        finally:
            await request.close()  # an upload's files

    async def execute_operation(self, *_: Any, **given: Any) -> Any:  # a result, results, or a stream of them
        """One operation, or all of a batch at once: in one context, within the limits of one operation."""
        data: Requested | list[Requested] = given["request_data"]
        if not isinstance(data, list):
            if data.refusal is not None:
                return refused(data.refusal.code, data.refusal.message)
            return await super().execute_operation(**given)
        request: Request = given["request"]
        context: RequestContext = given["context"]
        token = BATCH.set(Batch())
        try:
            async with EndedByDeparture(request.receive, lambda: context.has_begun_write):
                return await asyncio.gather(*(self._item(one, request, context) for one in data))
        finally:
            BATCH.reset(token)

    async def _item(self, data: Requested, request: Request, context: RequestContext) -> Any:
        if data.refusal is not None:
            return refused(data.refusal.code, data.refusal.message)
        try:
            return await self._executed(data, request, context)
        except HTTPException as error:  # of this operation alone
            return refused(ErrorCode.BAD_USER_INPUT.value, error.reason)

    async def execute_single(self, *_: Any, **given: Any) -> Any:  # a result, or a stream of them
        """Queries, and mutations by POST; a subscription becomes a stream where the client takes events."""
        request: Request = given["request"]
        context: RequestContext = given["context"]
        async with EndedByDeparture(request.receive, lambda: context.has_begun_write):
            return await self._executed(given["request_data"], request, context)

    async def _executed(self, data: Requested, request: Request, context: RequestContext) -> Any:
        operation: dict[str, Any] = {
            "variable_values": data.variables,
            "context_value": context,
            "operation_name": data.operation_name,
            "operation_extensions": data.extensions,
        }
        try:
            return await self.schema.execute(
                data.query, **operation, allowed_operation_types=BY_METHOD[request.method]
            )
        except CannotGetOperationTypeError:
            raise HTTPException(400, requested.without_operation(data)) from None
        except MissingQueryError:
            raise HTTPException(400, "The request has no query") from None
        except InvalidOperationTypeError as error:
            if error.operation_type is not OperationType.SUBSCRIPTION:
                raise HTTPException(405, error.as_http_error_reason(request.method)) from None
            if BATCH.get() is not None:
                raise HTTPException(400, "A batch has queries and mutations only") from None
            accept = request.headers.get("accept", "")
            takes_events = media_type.takes_events(accept)
            if not takes_events and not media_type.takes_parts(accept):
                needed = "Subscriptions need a WebSocket, or Accept: text/event-stream"
                raise HTTPException(400, needed) from None
            data.protocol = "sse" if takes_events else "multipart-subscription"
            only = {OperationType.SUBSCRIPTION}
            return await self.schema.stream(data.query, **operation, allowed_operation_types=only)

    def should_render_graphql_ide(self, request: object) -> bool:  # noqa: ARG002
        """Never: `run` has opened GraphiQL for whom it is."""
        return False

    async def process_result(self, request: Request, result: Any) -> Any:
        """The answer, each of its errors with the request's id.

        What was refused was not executed: it has no data, not even null, and neither cost nor plan.
        """
        answer: dict[str, Any] = {**await super().process_result(request, result)}
        if answer.get("errors"):
            answer["errors"] = stamped(request.scope, answer["errors"])
            if isinstance(result, PreExecutionError) or _is_of_variables(answer):
                answer.pop("data", None)
                answer.pop("extensions", None)
        return answer

    async def response(self, request: Request, result: Any) -> Response:
        """To a request of one operation that was executed elsewhere."""
        answer = await self.process_result(request, result)
        return self.create_response(answer, await self.get_sub_response(request))

    async def _create_streaming_response(  # type: ignore[override]  # called with keywords
        self, **given: Any
    ) -> Response:
        """Closes the results when the answer ends."""
        answer: Any = await super()._create_streaming_response(**given)
        return Streamed(answer, given["result"])

    async def get_sub_response(self, request: Request | WebSocket) -> Response:
        """Carries the media type of the response."""
        response = await super().get_sub_response(request)
        response.media_type = media_type.of_error(request.headers.get("accept", ""))
        return response

    def create_response(self, response_data: Any, sub_response: Response) -> Response:
        """A document that was not executed is a 400 in the newer media type, which knows no batches.

        In plain JSON it is a 200, as clients of that type expect.
        """
        response = super().create_response(response_data, sub_response)
        if isinstance(response_data, list):
            return response
        errors = response_data.get("errors", ())
        is_of_request = response_data.get("data") is None and not any("path" in error for error in errors)
        if is_of_request:
            response.headers["cache-control"] = "no-store"
        if sub_response.media_type != RESPONSE_JSON:
            return response
        response.headers["content-type"] = RESPONSE_JSON
        if is_of_request:
            has_bug = any(error["extensions"]["code"] == ErrorCode.INTERNAL for error in errors)
            response.status_code = 500 if has_bug else 400
        return response

    def encode_json(self, data: object) -> str:
        """Text, because WebSocket clients expect text frames."""
        return orjson.dumps(data).decode()


def _is_of_variables(answer: Mapping[str, Any]) -> bool:
    # what ended while it was executed has a code of its own, and `data: null`
    is_of_request = answer.get("data") is None and not any("path" in error for error in answer["errors"])
    return is_of_request and answer["errors"][0]["extensions"]["code"] == ErrorCode.BAD_USER_INPUT.value
