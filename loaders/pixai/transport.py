"""gql's way to PixAI: one POST per document through the source's own HTTP client."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from typing import Any

from gql import GraphQLRequest
from gql.transport.async_transport import AsyncTransport
from graphql import ExecutionResult

from loaders import coerce
from loaders.errors import Malformed
from loaders.http import Answer, SourceClient, malformed

STATUS = "status"  # of HTTP, among the extensions of a refused document


class PixaiTransport(AsyncTransport):
    """Sends a request's text as it was printed. http: opened and closed with it.

    A failure is a SourceError of ours, raised as it is; what comes back has data, errors or both.
    """

    def __init__(self, http: SourceClient) -> None:
        self._http = http

    async def connect(self) -> None:
        """Make the connection pool; no call is made."""
        await self._http.open()

    async def close(self) -> None:
        """Close the pool."""
        await self._http.close()

    async def execute(
        self, request: GraphQLRequest, *, headers: Mapping[str, str] | None = None
    ) -> ExecutionResult:
        """POST /graphql. Raises SourceError."""
        answer = await self._http.request(
            "POST /graphql", "/graphql", headers=headers or {}, json=request.payload
        )
        return _result(answer)

    def subscribe(self, request: GraphQLRequest) -> AsyncGenerator[ExecutionResult, None]:
        """Not over HTTP, as with gql's own HTTP transports."""
        raise NotImplementedError("PixAI's subscriptions need a WebSocket")


def _result(answer: Answer) -> ExecutionResult:
    # 400 is read on: that is how a GraphQL server refuses a document. Other statuses tell enough.
    if answer.status != 400:
        answer.checked()
    try:
        body = coerce.mapping(answer.json())
    except Malformed:
        raise answer.error or malformed(answer.provider, "an answer that is not JSON") from None
    data: Any = body.get("data")
    errors: list[Any] = coerce.items(body.get("errors"))
    if isinstance(data, dict):
        return ExecutionResult(data=data, errors=errors or None)
    if errors:
        return ExecutionResult(data=None, errors=errors, extensions={STATUS: answer.status})
    raise answer.error or malformed(answer.provider, "an answer with neither data nor errors")
