"""GraphQL over WebSockets: who opened one, and a separate context for each of its operations."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import GraphQLError
from starlette.types import Scope
from strawberry.extensions import SchemaExtension
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import BaseGraphQLTransportWSHandler

from loaders.errors import ErrorCode
from resolvers.context import Caller, RequestContext
from server import request_trace
from server.graphql import persisted
from server.graphql.persisted import DocumentError, Documents

NewContext = Callable[[Mapping[str, str], Caller, str], RequestContext]  # headers, caller, client address


def client_address(scope: Scope) -> str:
    """Where the client asks from; "" where the server is not told (a Unix socket)."""
    client = scope.get("client")
    return client[0] if client else ""


@dataclass
class Connection:
    """The context that Strawberry keeps while the socket is open.

    scope, headers: of the handshake. caller: None until `connection_init` brings a token.
    connection_params: what `connection_init` brought; Strawberry fills it in.
    """

    scope: Scope = field(repr=False)
    headers: Mapping[str, str]
    caller: Caller | None
    connection_params: dict[str, object] = field(default_factory=dict, repr=False)
    _first: RequestContext | None = field(default=None, init=False, repr=False)

    def open(self, caller_of: Callable[[str], Caller | None], context: NewContext) -> bool:
        """Whether operations may begin; `connection_init` may add any header, the token included."""
        told = {name.lower(): text for name, text in self.connection_params.items() if isinstance(text, str)}
        caller = caller_of(told["authorization"]) if "authorization" in told else self.caller
        if caller is None:
            return False
        self._first = context({**self.headers, **told}, caller, client_address(self.scope))
        return True

    def operation(self) -> RequestContext:
        """The context of the next operation: new loaders, a new deadline."""
        assert self._first is not None, "open() first"
        return self._first.next_operation()


class OwnOperation(SchemaExtension):
    """Gives each operation of a WebSocket its own context."""

    def on_operation(self) -> Iterator[None]:
        """Before the document is parsed."""
        context = self.execution_context.context
        if isinstance(context, Connection):
            self.execution_context.context = context.operation()
        yield


class Handler(BaseGraphQLTransportWSHandler[Any, None]):
    """Strawberry's, but a malformed message closes the socket, and a wrong document only its operation."""

    async def handle_message(self, message: Any) -> None:  # as the client sent it
        """Close on what is not a message of graphql-transport-ws: Strawberry fails with a TypeError."""
        if _is_message(message):
            await super().handle_message(message)
        else:
            await self.handle_invalid_message("Failed to parse message")

    async def handle_subscribe(self, message: Any) -> None:
        """Find the document of an operation that names it."""
        if self.connection_acknowledged and message["id"] not in self.operations:
            documents: Documents = self.view.documents  # type: ignore[attr-defined]  # the endpoint's
            try:
                message["payload"]["query"] = documents.text(message["payload"])
            except DocumentError as error:
                payload = [{"message": error.message, "extensions": {"code": error.code}}]
                await self.send_message({"id": message["id"], "type": "error", "payload": payload})
                return
        await super().handle_subscribe(message)

    async def send_message(self, message: Any) -> None:  # one of a union of Strawberry's
        """Errors get the id of the request that opened the socket, and a line in the log."""
        if message["type"] == "error":
            message["payload"] = self._stamped(map(_coded, message["payload"]))
        elif message["type"] == "next" and "errors" in message["payload"]:
            message["payload"]["errors"] = self._stamped(message["payload"]["errors"])
        await super().send_message(message)

    def _stamped(self, errors: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
        found = request_trace.stamped(self.context.scope, errors)
        request_trace.write_operation(self.context.scope)
        return found

    @staticmethod
    def _get_pre_execution_close_reason(error: GraphQLError) -> str | None:  # noqa: ARG004
        return None


def _coded(error: Mapping[str, Any]) -> Mapping[str, Any]:
    # one operation too many at once is refused by Strawberry, in an error without a code
    extensions = {"code": ErrorCode.LIMIT_EXCEEDED.value, **(error.get("extensions") or {})}
    return {**error, "extensions": extensions}


def _is_message(message: object) -> bool:
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        return False
    if message["type"] == "complete":
        return isinstance(message.get("id"), str)
    if message["type"] != "subscribe":
        return True
    payload = message.get("payload")
    return (
        isinstance(message.get("id"), str)
        and isinstance(payload, dict)
        and isinstance(payload.get("query"), str | None)
        and (payload.get("query") is not None or persisted.is_named(payload))
        and isinstance(payload.get("variables"), dict | None)
        and isinstance(payload.get("operationName"), str | None)
    )
