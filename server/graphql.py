"""`/graphql`: Strawberry's HTTP and WebSocket endpoint, with our context, JSON and errors."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import orjson
from cross_web import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.http.base import BaseRequestProtocol
from strawberry.schema import BaseSchema
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL

from loaders import values
from loaders.errors import ErrorCode
from resolvers.context import Operation
from server.example import EXAMPLE

PREFLIGHTED = ("x-apollo-operation-name", "apollo-require-preflight", "graphql-preflight")


class Endpoint(GraphQL[Operation, None]):
    """context: makes the operation's context from its request."""

    def __init__(self, schema: BaseSchema, context: Callable[[Request | WebSocket], Operation]) -> None:
        super().__init__(
            schema,
            subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL,),
            multipart_uploads_enabled=True,
        )
        self._context = context

    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> Operation:  # noqa: ARG002
        """One per HTTP request; one per WebSocket connection."""
        return self._context(request)

    async def run(self, request: Any, context: Any = None, root_value: Any = None) -> Any:  # noqa: ARG002
        """Answer; what is wrong with the request itself is an error in the graph's own form."""
        try:
            if isinstance(request, Request) and _is_simple_form(request):
                raise HTTPException(400, f"a form upload wants one of the headers {', '.join(PREFLIGHTED)}")
            return await super().run(request)
        except HTTPException as error:
            body = {"message": error.reason, "extensions": {"code": ErrorCode.BAD_USER_INPUT.value}}
            return JSONResponse({"data": None, "errors": [body]}, status_code=error.status_code)

    def should_render_graphql_ide(self, request: BaseRequestProtocol) -> bool:
        """Browsers get GraphiQL; curl and its like get an answer."""
        accept = request.headers.get("accept", "")
        return request.method == "GET" and "text/html" in accept and "query" not in request.query_params

    async def render_graphql_ide(self, request: Request) -> Response:
        """GraphiQL, opened on a useful example: the page takes its text from `?q=`."""
        if "q" not in request.query_params:
            return RedirectResponse(f"{request.url.path}?{urlencode({'q': EXAMPLE})}", status_code=302)
        return await super().render_graphql_ide(request)

    def decode_json(self, data: str | bytes) -> object:
        """Integers of any length stay exact."""
        try:
            return values.from_json(data.encode() if isinstance(data, str) else data)
        except ValueError as error:
            raise json.JSONDecodeError(str(error), "", 0) from None

    def encode_json(self, data: object) -> str:
        """Text, because a WebSocket's clients want text frames."""
        return orjson.dumps(data).decode()


def _is_simple_form(request: Request) -> bool:
    # a page of any site may post a form without asking first; only a header of its own makes the browser ask
    kind = request.headers.get("content-type", "").partition(";")[0].strip()
    return kind == "multipart/form-data" and not any(name in request.headers for name in PREFLIGHTED)
