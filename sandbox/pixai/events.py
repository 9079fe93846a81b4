"""`personalEvents` over graphql-transport-ws, as PixAI's gateway serves it."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator
from typing import Any

from aiohttp import WSMsgType, web
from graphql import (
    DocumentNode,
    ExecutionResult,
    OperationType,
    execute_sync,
    get_operation_ast,
    subscribe,
)

from sandbox.json_text import dumps, loads
from sandbox.pixai.execution import formatted, prepared
from sandbox.pixai.fields import SCHEMA, Context
from sandbox.pixai.graph_faults import partial
from sandbox.pixai.records import Json
from sandbox.pixai.server import Pixai
from sandbox.streams import Stream

PROTOCOL = "graphql-transport-ws"
INIT_TIMEOUT = 5.0  # seconds for connection_init
# close codes of the protocol
BAD_REQUEST, UNAUTHORIZED, FORBIDDEN, NOT_ACCEPTABLE, INIT_TOO_LATE = 4400, 4401, 4403, 4406, 4408
DUPLICATE, TOO_MANY_INITS = 4409, 4429


class _Closed(Exception):
    """A breach of the protocol, for which the socket is closed."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code


class Connection:
    """One WebSocket."""

    def __init__(self, server: Pixai, stream: Stream) -> None:
        self._server = server
        self._stream = stream
        self._socket = web.WebSocketResponse(protocols=[PROTOCOL])
        self._running: dict[str, asyncio.Task[None]] = {}
        self._acknowledged = False

    async def serve(self) -> web.WebSocketResponse:
        """Until either side closes it."""
        await self._socket.prepare(self._stream.request)
        try:
            if self._socket.ws_protocol != PROTOCOL:
                raise _Closed(NOT_ACCEPTABLE, "Subprotocol not acceptable")
            await self._receive()
        except _Closed as closed:
            await self._socket.close(code=closed.code, message=str(closed).encode())
        finally:
            for task in self._running.values():
                task.cancel()
        return self._socket

    async def _receive(self) -> None:
        while True:
            try:
                async with asyncio.timeout(None if self._acknowledged else INIT_TIMEOUT):
                    received = await self._socket.receive()
            except TimeoutError:
                raise _Closed(INIT_TOO_LATE, "Connection initialisation timeout") from None
            if received.type in (WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED, WSMsgType.ERROR):
                return
            await self._handle(_message(received.data))

    async def _handle(self, message: Json) -> None:
        kind, key = message["type"], message.get("id")
        if kind == "connection_init":
            await self._acknowledge(message.get("payload"))
        elif kind == "ping":
            await self._send({"type": "pong"})
        elif kind == "subscribe" and isinstance(key, str) and isinstance(message.get("payload"), dict):
            if not self._acknowledged:
                raise _Closed(UNAUTHORIZED, "Unauthorized")
            if key in self._running:
                raise _Closed(DUPLICATE, f"Subscriber for {key} already exists")
            self._running[key] = asyncio.create_task(self._operation(key, message["payload"]))
        elif kind == "complete" and isinstance(key, str):
            if key in self._running:
                self._running.pop(key).cancel()
        elif kind != "pong":
            raise _Closed(BAD_REQUEST, "Invalid message received")

    async def _acknowledge(self, payload: object) -> None:
        if self._acknowledged:
            raise _Closed(TOO_MANY_INITS, "Too many initialisation requests")
        if not isinstance(payload, dict) or payload.get("token") != self._server.key:
            raise _Closed(FORBIDDEN, "Forbidden")
        self._acknowledged = True
        await self._send({"type": "connection_ack"})

    async def _operation(self, key: str, payload: Json) -> None:
        name, variables = payload.get("operationName"), payload.get("variables") or {}
        document = prepared(payload.get("query"), name)
        if isinstance(document, list):
            await self._send({"id": key, "type": "error", "payload": document})
        else:
            result = await _executed(document, name, variables, Context(self._server, partial([])))
            if isinstance(result, list):
                await self._send({"id": key, "type": "error", "payload": result})
            else:
                await self._forward(key, result)
        self._running.pop(key, None)

    async def _forward(self, key: str, results: AsyncIterator[ExecutionResult]) -> None:
        async for result in results:
            if not self._stream.may_send():
                return
            payload: Json = {"data": result.data}
            if result.errors:
                payload["errors"] = [formatted(one, "INTERNAL_SERVER_ERROR") for one in result.errors]
            await self._send({"id": key, "type": "next", "payload": payload})
        await self._send({"id": key, "type": "complete"})

    async def _send(self, message: Json) -> None:
        if not self._socket.closed:
            await self._socket.send_str(dumps(message).decode())


async def _executed(
    document: DocumentNode, name: str | None, variables: Json, context: Context
) -> AsyncIterator[ExecutionResult] | list[Json]:
    """The results, one only of a query or a mutation; or the errors where nothing could be executed."""
    operation = get_operation_ast(document, name)
    subscribes = operation is not None and operation.operation is OperationType.SUBSCRIPTION
    found: Any = (subscribe if subscribes else execute_sync)(
        SCHEMA, document, context_value=context, variable_values=variables, operation_name=name
    )
    result = await found if inspect.isawaitable(found) else found
    if not isinstance(result, ExecutionResult):
        results: AsyncIterator[ExecutionResult] = result
        return results
    if result.data is None and result.errors:
        return [formatted(error, "BAD_USER_INPUT") for error in result.errors]
    return _once(result)


async def _once(result: ExecutionResult) -> AsyncIterator[ExecutionResult]:
    yield result


def _message(data: object) -> Json:
    try:
        message = loads(data.encode()) if isinstance(data, str) else None
    except ValueError:
        message = None
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        raise _Closed(BAD_REQUEST, "Invalid message received")
    return message
