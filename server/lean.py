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

What was answered before need not be executed again (server.answers), and what is being executed already need
not be executed twice (server.under_way). Callers' own keys come in more headers: where they do, nothing takes
this way.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Mapping
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
from engine.planned import Executed
from server.answers import Answers, Reply, request_id
from server.compression import Compression
from server.error_response import Bugs
from server.graphql.endpoint import Endpoint
from server.graphql.websocket import NewContext, client_address
from server.heads import Head, Heads
from server.request_trace import STARTED, RequestTraces
from server.under_way import UnderWay
from server.uvicorn_protocols import WHOLE

FIELDS = frozenset({"query", "variables", "operationName", "extensions"})
HARMLESS = frozenset({"clientLibrary"})  # extensions that change nothing


class Operation(NamedTuple):
    """What a body asks for, and what the engine knows of it."""

    entry: Entry
    text: str
    variables: Mapping[str, Any]


class Outcome(NamedTuple):
    """Of what was executed: its answer; a result with errors, or a bug; neither: the app has to answer."""

    reply: Reply | None = None
    erring: ExecutionResult | PreExecutionError | Exception | None = None


class Lean:
    """ASGI middleware, around all others. answers: those that need not be executed again.

    under_way: requests that are being executed.
    """

    def __init__(
        self,
        app: ASGIApp,
        direct: Direct,
        heads: Heads,
        answers: Answers,
        under_way: UnderWay[Outcome],
        context: NewContext,
        endpoint: Endpoint,
    ) -> None:
        self._app = app
        self._direct = direct
        self._heads = heads
        self._answers = answers
        self._under_way = under_way
        self._context = context
        self._endpoint = endpoint

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, here or there."""
        head = self._heads.of(scope)
        if head is None:
            await self._app(scope, receive, send)
            return
        messages, content = await _whole(receive)
        if content is None or not await self._is_answered(head, content, scope, receive, send):
            await self._app(scope, _again(messages, receive), send)

    async def _is_answered(
        self, head: Head, content: bytes, scope: Scope, receive: Receive, send: Send
    ) -> bool:
        """False where nothing was done."""
        started = time.perf_counter()
        reply, erring = self._answers.reply(head, content), None
        if reply is None:
            key = (content, head.caller.role, head.form)
            try:
                reply, erring = await self._under_way.get(
                    key, receive, lambda: self._executed(head, content, scope)
                )
            except ClientDisconnect:
                return True
        if reply is not None:
            await _send(reply, head, scope, send)
        elif erring is not None:
            scope[STARTED] = started
            await RequestTraces(Compression(Bugs(self._erring(erring))))(
                scope, receive, self._varied(head, send)
            )
        return reply is not None or erring is not None

    async def _executed(self, head: Head, content: bytes, scope: Scope) -> Outcome:
        try:
            return await self._outcome(head, content, scope)
        except Exception as bug:  # told like any other, and to all who wait for this
            return Outcome(erring=bug)

    async def _outcome(self, head: Head, content: bytes, scope: Scope) -> Outcome:
        operation = self._operation(content)
        if operation is None:
            return Outcome()
        entry, text, variables = operation
        context = self._context({}, head.caller, client_address(scope))
        result = await self._direct.execute(entry, text, context, variables)
        if result is None or result.errors:
            return Outcome(erring=result)
        answer = orjson.dumps({"data": result.data})
        if isinstance(result, Executed):
            self._answers.keep(head, content, answer, result.basis)
        return Outcome(await self._answers.unkept(head, answer))

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

    def _erring(self, result: ExecutionResult | PreExecutionError | Exception) -> ASGIApp:
        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            if isinstance(result, Exception):
                raise result
            await (await self._endpoint.response(Request(scope), result))(scope, receive, send)

        return answer

    def _varied(self, head: Head, send: Send) -> Send:
        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["vary"] = self._answers.vary.decode()
                message["headers"] += head.for_page
            await send(message)

        return sent


async def _send(reply: Reply, head: Head, scope: Scope, send: Send) -> None:
    write = scope.get("extensions", {}).get(WHOLE)
    if write is not None and write(reply.head_of(head), reply.content):
        return
    headers = [*reply.headers, *head.for_page, request_id(head)]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": reply.content})


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
