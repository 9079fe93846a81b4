"""Authentication at PixAI, and the shape of its errors outside GraphQL."""

from __future__ import annotations

from aiohttp import web

from sandbox.json_text import json_response

CODES = {
    400: "BAD_REQUEST",
    401: "UNAUTHORIZED",
    402: "PAYMENT_REQUIRED",
    403: "FORBIDDEN",
    404: "NOT_FOUND",
    413: "PAYLOAD_TOO_LARGE",
    429: "TOO_MANY_REQUESTS",
}


def error_body(status: int, message: str, code: str | None = None) -> dict[str, str]:
    """`{message, code}` at the top level, with neither `errors` nor `data`."""
    return {"message": message, "code": code or CODES.get(status, "INTERNAL_SERVER_ERROR")}


def error_response(status: int, message: str) -> web.Response:
    """The same as a response."""
    return json_response(error_body(status, message), status=status)


def authentication_error(request: web.Request, key: str) -> web.Response | None:
    """403 without a bearer token, 401 with a wrong one; None where the key is right."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        return error_response(403, "Forbidden")
    if token.strip() != key:
        return error_response(401, "Invalid API key")
    return None
