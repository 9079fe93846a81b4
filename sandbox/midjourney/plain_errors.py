"""Errors of servers that do not always answer JSON, nor the same on all their paths.

An upstream's `error` gives the body for `path()`: an object is JSON, a string plain text, None no body.
"""

from __future__ import annotations

from contextvars import ContextVar

from aiohttp import web
from aiohttp.typedefs import Handler

from sandbox.json_text import json_response, loads

_PATH: ContextVar[str] = ContextVar("path", default="/")


def path() -> str:
    """Of the request that is being answered."""
    return _PATH.get()


def error_response(status: int, body: object) -> web.Response:
    """An error with such a body."""
    if body is None:
        return web.Response(status=status)
    if isinstance(body, str):
        return web.Response(status=status, text=body)
    return json_response(body, status=status)


@web.middleware
async def plain_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Outermost: the errors of faults, which come as JSON, become text or nothing where they should be.

    `"…"` -> … as text/plain, `null` -> no body and no content type; the headers stay.
    """
    _PATH.set(request.path)
    answer = await handler(request)
    if not isinstance(answer, web.Response) or not isinstance(answer.body, bytes) or answer.status < 400:
        return answer
    if answer.content_type != "application/json" or answer.body[:1] not in (b'"', b"n"):
        return answer
    plain = error_response(answer.status, loads(answer.body))
    if "Retry-After" in answer.headers:
        plain.headers["Retry-After"] = answer.headers["Retry-After"]
    return plain
