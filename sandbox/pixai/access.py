"""Who may ask PixAI, and the errors of everything that is not GraphQL."""

from __future__ import annotations

from aiohttp import web

from sandbox.json_text import json_response

CODES = {
    400: "BAD_REQUEST",
    401: "UNAUTHORIZED",
    402: "PAYMENT_REQUIRED",
    403: "FORBIDDEN",
    404: "NOT_FOUND",
    429: "TOO_MANY_REQUESTS",
}


def error(status: int, message: str, code: str | None = None) -> dict[str, str]:
    """`{message, code}` at the top level, with neither `errors` nor `data`."""
    return {"message": message, "code": code or CODES.get(status, "INTERNAL_SERVER_ERROR")}


def refused(status: int, message: str) -> web.Response:
    """An answer that is such an error."""
    return json_response(error(status, message), status=status)


def refusal(request: web.Request, key: str) -> web.Response | None:
    """403 without a bearer token, 401 with a wrong one; None: the request may pass."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        return refused(403, "Forbidden")
    if token.strip() != key:
        return refused(401, "Invalid API key")
    return None
