"""How subscriptions are framed: server-sent events, and parts of one answer for Apollo's clients."""

from __future__ import annotations

from collections.abc import Mapping

from strawberry.http.streaming import MultipartSubscriptionTransport, SSETransport


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
