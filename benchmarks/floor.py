"""A constant handler under the same uvicorn: what no Python server behind it can go below.

It reads the body and sends back what it was last given by `PUT /graphql`, whatever it is asked.
"""

from __future__ import annotations

import asyncio
import os

import uvicorn
from uvicorn._types import ASGIReceiveCallable, ASGISendCallable, Scope


class Constant:
    """The whole application."""

    def __init__(self) -> None:
        self._answer = b"{}"

    async def __call__(self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        """Answer one request."""
        assert scope["type"] == "http"
        body, more = b"", True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            assert message["type"] == "http.request"
            body += message["body"]
            more = message["more_body"]
        if scope["method"] == "PUT":
            self._answer = body
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(self._answer))]
        await send({"type": "http.response.start", "status": 200, "headers": headers, "trailers": False})
        await send({"type": "http.response.body", "body": self._answer, "more_body": False})


if __name__ == "__main__":
    config = uvicorn.Config(
        Constant(),
        port=int(os.environ["PORT"]),
        http="httptools",
        loop="uvloop",
        lifespan="off",
        log_level="warning",
        access_log=False,
        server_header=False,
    )
    asyncio.run(uvicorn.Server(config).serve())
