"""Authentication at Meshy, and the shape of its errors."""

from __future__ import annotations

from aiohttp import web

from sandbox.json_text import json_response


def error_body(_status: int, message: str, _code: str | None = None) -> dict[str, str]:
    """`{message}` and nothing else, whatever the status."""
    return {"message": message}


def error_response(status: int, message: str) -> web.Response:
    """The same as a response."""
    return json_response(error_body(status, message), status=status)


def authentication_error(request: web.Request, key: str) -> web.Response | None:
    """401 without the right bearer token; None where the key is right."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or token.strip() != key:
        return error_response(401, "Invalid API key")
    return None
