"""The shortest way from a request to its answer, for what nearly all requests are.

It takes a POST to `/graphql` with
    - no query string, a JSON body of known length, whole and not compressed,
    - `query`, `variables` and `operationName` in it, and no `extensions` but the client library's name,
    - a Host and an Origin that are ours, and a token where one is needed,
    - an `Accept` that takes JSON,
    - a query that is valid, within its limits, and has a plan,
and answers it as all the others are answered: the same status, headers and bytes. The rest of the server
works through middlewares, requests and responses, of which none is made here. Whatever is not on the list
goes there, before anything has been executed; an answer with errors, or a bug, takes its last steps there.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

import jiter
import orjson
from graphql import ExecutionResult
from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from strawberry.types.execution import PreExecutionError

from engine.direct import Direct
from engine.entry import Entry
from resolvers.context import Caller
from server import compression, negotiation
from server.access.guard import Rules
from server.compression import Compression
from server.error_response import Bugs
from server.graphql import body, media_type
from server.graphql.departure import ended_by_departure
from server.graphql.endpoint import Endpoint
from server.graphql.media_type import JSON, RESPONSE_JSON
from server.graphql.websocket import NewContext, client_address
from server.request_trace import HEADER, STARTED, RequestTraces, id_of

PATH = "/graphql"
TYPES = frozenset(
    {b"application/json", b"application/json; charset=utf-8", b"application/json;charset=utf-8"}
)
FIELDS = frozenset({"query", "variables", "operationName", "extensions"})
HARMLESS = frozenset({"clientLibrary"})  # extensions that change nothing
UNUSUAL = frozenset({b"content-encoding", b"transfer-encoding", b"expect"})
ID = HEADER.encode()


class Head(NamedTuple):
    """What the headers say. media_type: of the answer."""

    caller: Caller
    media_type: str
    takes_gzip: bool


class Operation(NamedTuple):
    """What the body asks for, and what the engine knows of it."""

    entry: Entry
    text: str
    variables: Mapping[str, Any]


class Lean:
    """ASGI middleware, around all others. has_cors: requests with an Origin get more headers."""

    def __init__(
        self,
        app: ASGIApp,
        direct: Direct,
        rules: Rules,
        context: NewContext,
        endpoint: Endpoint,
        *,
        has_cors: bool,
    ) -> None:
        self._app = app
        self._direct = direct
        self._rules = rules
        self._context = context
        self._endpoint = endpoint
        self._unusual = UNUSUAL | {b"origin"} if has_cors else UNUSUAL
        self._vary = b"Accept-Encoding, Origin" if has_cors else b"Accept-Encoding"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, here or there."""
        head = self._head(scope)
        if head is None:
            await self._app(scope, receive, send)
            return
        messages, content = await _whole(receive)
        operation = None if content is None else self._operation(content)
        if operation is None or not await self._answer(operation, head, scope, receive, send):
            await self._app(scope, _again(messages, receive), send)

    def _head(self, scope: Scope) -> Head | None:
        if scope["type"] != "http" or scope["path"] != PATH or scope["method"] != "POST":
            return None
        # of a header that comes twice, the first counts
        headers: dict[bytes, bytes] = dict(reversed(scope["headers"]))
        length = headers.get(b"content-length", b"")
        if (
            scope["query_string"]
            or headers.get(b"content-type") not in TYPES
            or not self._unusual.isdisjoint(headers)
            or not length.isdigit()
            or len(length) > 7
            or int(length) > body.LIMITS[body.JSON]
        ):
            return None
        accepted = _accepted(headers.get(b"accept", b""))
        if accepted is None:
            return None
        caller = self._rules.caller(
            headers.get(b"host", b"").decode("latin-1"),
            headers[b"origin"].decode("latin-1") if b"origin" in headers else None,
            headers.get(b"authorization", b"").decode("latin-1"),
        )
        if caller is None:
            return None
        encodings = headers.get(b"accept-encoding", b"").decode("latin-1")
        return Head(caller, accepted, negotiation.takes_gzip(encodings))

    def _operation(self, content: bytes) -> Operation | None:
        try:
            fields = jiter.from_json(content, allow_inf_nan=False, cache_mode="keys")
        except ValueError:
            return None
        if not isinstance(fields, dict) or not FIELDS.issuperset(fields):
            return None
        text, name = fields.get("query"), fields.get("operationName")
        variables = {} if fields.get("variables") is None else fields["variables"]
        extensions = {} if fields.get("extensions") is None else fields["extensions"]
        if not isinstance(text, str) or not isinstance(name, str | None) or not isinstance(variables, dict):
            return None
        if not isinstance(extensions, dict) or not HARMLESS.issuperset(extensions):
            return None
        entry = self._direct.entry(text, name, variables)
        return None if entry is None else Operation(entry, text, variables)

    async def _answer(
        self, operation: Operation, head: Head, scope: Scope, receive: Receive, send: Send
    ) -> bool:
        """False where nothing was done."""
        entry, text, variables = operation
        started = time.perf_counter()
        context = self._context({}, head.caller, client_address(scope))
        try:
            async with ended_by_departure(receive, lambda: context.has_begun_write):
                result = await self._direct.execute(entry, text, context, variables)
        except ClientDisconnect:
            return True
        if result is None:
            return False
        if result.errors:
            scope[STARTED] = started
            await RequestTraces(Compression(Bugs(self._erring(result))))(scope, receive, self._varied(send))
        else:
            await self._send(orjson.dumps({"data": result.data}), head, scope, send)
        return True

    def _erring(self, result: ExecutionResult | PreExecutionError) -> ASGIApp:
        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            await (await self._endpoint.response(Request(scope), result))(scope, receive, send)

        return answer

    def _varied(self, send: Send) -> Send:
        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["vary"] = self._vary.decode()
            await send(message)

        return sent

    async def _send(self, content: bytes, head: Head, scope: Scope, send: Send) -> None:
        is_small = head.takes_gzip and len(content) > compression.SMALLEST
        if is_small:
            content = await compression.gzipped(content)
        request_id = id_of(
            next((value.decode("latin-1") for name, value in scope["headers"] if name == ID), "")
        )
        headers = [
            (b"content-length", b"%d" % len(content)),
            (b"content-type", head.media_type.encode()),
            (b"vary", self._vary),
            *([(b"content-encoding", b"gzip")] if is_small else ()),
            (ID, request_id.encode()),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": content})


@lru_cache(256)
def _usually_accepted(accept: bytes) -> str | None:
    header = accept.decode("latin-1")
    return media_type.of_error(header) if media_type.of_answer(header) in {JSON, RESPONSE_JSON} else None


def _accepted(accept: bytes) -> str | None:
    """The media type of the answer; None where it is not JSON, or the header is long."""
    return _usually_accepted(accept) if len(accept) <= negotiation.USUAL else None


async def _whole(receive: Receive) -> tuple[list[Message], bytes | None]:
    """The body, and the messages that brought it; None where the client leaves before its end."""
    messages = [message := await receive()]
    if message["type"] == "http.request" and not message.get("more_body", False):
        return messages, message.get("body", b"")
    while message["type"] == "http.request" and message.get("more_body", False):
        messages.append(message := await receive())
    if message["type"] != "http.request":
        return messages, None
    return messages, b"".join(one.get("body", b"") for one in messages)


def _again(messages: list[Message], receive: Receive) -> Receive:
    """`receive`, from the first message on."""
    waiting = deque(messages)

    async def received() -> Message:
        return waiting.popleft() if waiting else await receive()

    return received
