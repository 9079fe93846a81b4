"""How subscriptions are framed: server-sent events, and parts of one answer for Apollo's clients."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Any

from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send
from strawberry.http.streaming import MultipartSubscriptionTransport, SSETransport


class Streamed(StreamingResponse):
    """A streamed answer that closes its results when it ends, also where the client has gone.

    Left to the garbage collector, which closes generators in any order, a subscription might stay open.
    """

    def __init__(self, answer: StreamingResponse, results: AsyncGenerator[Any, None]) -> None:
        super().__init__(answer.body_iterator, answer.status_code)
        self.raw_headers = answer.raw_headers
        self._results = results

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        assert isinstance(self.body_iterator, AsyncGenerator), "Strawberry's streams are"
        async with aclosing(self._results), aclosing(self.body_iterator):
            await super().__call__(scope, receive, send)


class Parts(MultipartSubscriptionTransport):
    """Strawberry's `multipart/mixed`, as Apollo's clients want subscriptions; a `{}` is a sign of life."""

    @property
    def headers(self) -> Mapping[str, str]:
        """Without `application/json` behind the parameters, which is no part of a media type."""
        kind = f'multipart/mixed;boundary="{self.separator}";subscriptionSpec=1.0'
        return {"Content-Type": kind, "Cache-Control": "no-cache, no-transform", "X-Accel-Buffering": "no"}

    def encode_complete(self) -> str:
        """The end of the boundary behind the last part, without an empty part before it."""
        return "--\r\n"


class Events(SSETransport):
    """Strawberry's, framed with LF: CRLF is allowed too, but many clients know only an empty line of LF."""

    def encode_event(self, event: str, data: str | None = None) -> str:
        """One event; `data` is JSON, in which line ends are escaped."""
        return super().encode_event(event, data).replace("\r\n", "\n")

    def encode_comment(self, comment: str) -> str:
        """A sign of life."""
        return super().encode_comment(comment).replace("\r\n", "\n")
