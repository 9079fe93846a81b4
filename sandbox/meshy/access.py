"""Who may ask Meshy, and the shape of its errors."""

from __future__ import annotations

from aiohttp import web

from sandbox.json_text import json_response


def error(_status: int, message: str, _code: str | None = None) -> dict[str, str]:
    """`{message}` and nothing else, whatever the status."""
    return {"message": message}


def refused(status: int, message: str) -> web.Response:
    """An answer that is such an error."""
    return json_response(error(status, message), status=status)


def refusal(request: web.Request, key: str) -> web.Response | None:
    """401 without the right bearer token; None: the request may pass."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or token.strip() != key:
        return refused(401, "Invalid API key")
    return None
