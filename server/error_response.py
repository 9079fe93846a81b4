"""Error responses: one JSON form, that of GraphQL errors, for every route."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from loaders.errors import ErrorCode
from schema.redact import redacted
from server.request_trace import stamped

log = logging.getLogger(__name__)

NOT_FOUND = "NOT_FOUND"  # a path or a picture; in the graph, absence is null
PAYLOAD_TOO_LARGE = "PAYLOAD_TOO_LARGE"


class ErrorResponse(JSONResponse):
    """One error, with the id of the request that it answers."""

    def __init__(
        self, error: Mapping[str, object], status: int, *, headers: Mapping[str, str], media_type: str
    ) -> None:
        super().__init__({"errors": [error]}, status, headers, media_type)
        self._error = error

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        self.body = self.render({"errors": stamped(scope, [self._error])})
        self.headers["content-length"] = str(len(self.body))
        await super().__call__(scope, receive, send)


def answer(
    status: int,
    code: str,
    message: str,
    *,
    headers: Mapping[str, str] | None = None,
    extensions: Mapping[str, object] | None = None,
    media_type: str = "application/json",
) -> ErrorResponse:
    """`{"errors": [{"message", "extensions": {"code"}}]}`, which no cache may store."""
    error = {"message": message, "extensions": {"code": str(code), **(extensions or {})}}
    return ErrorResponse(
        error, status, headers={"Cache-Control": "no-store", **(headers or {})}, media_type=media_type
    )


def of_status(_request: Request, error: Exception) -> Response:
    """The router's own errors: unknown path, or a method that the path does not take."""
    assert isinstance(error, HTTPException)
    code = NOT_FOUND if error.status_code == 404 else ErrorCode.BAD_USER_INPUT
    message = "Nothing is served at this path" if error.status_code == 404 else error.detail
    return answer(error.status_code, code, message, headers=error.headers)


class Bugs:
    """ASGI middleware: an unexpected exception is logged once, redacted, and answered as INTERNAL."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Call the app. A response that has begun is cut off."""
        has_begun = False

        async def watched(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except ClientDisconnect:
            return  # nobody is left to answer
        except Exception as error:
            log.error("A bug at %s %s:\n%s", scope["type"], scope.get("path", ""), redacted(error))
            if scope["type"] == "http" and not has_begun:
                await answer(500, ErrorCode.INTERNAL, "Internal error")(scope, receive, send)
