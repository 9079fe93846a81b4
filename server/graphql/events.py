"""Server-sent events, with the line ends of the specification's examples."""

from __future__ import annotations

from strawberry.http.streaming import SSETransport


class Events(SSETransport):
    """Strawberry's, framed with LF: CRLF is allowed too, but many clients know only an empty line of LF."""

    def encode_event(self, event: str, data: str | None = None) -> str:
        """One event; `data` is JSON, in which line ends are escaped."""
        return super().encode_event(event, data).replace("\r\n", "\n")

    def encode_comment(self, comment: str) -> str:
        """A sign of life."""
        return super().encode_comment(comment).replace("\r\n", "\n")
