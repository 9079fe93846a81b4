"""How much a request may bring, and in which form."""

from __future__ import annotations

from cross_web import HTTPException
from starlette.datastructures import Headers
from starlette.types import Message, Receive

JSON = "application/json"
FORM = "multipart/form-data"
LIMITS = {JSON: 1024 * 1024, FORM: 32 * 1024 * 1024}  # bytes; a form brings pictures


def kind(headers: Headers) -> str:
    """`application/json`, without parameters and in lower case."""
    return headers.get("content-type", "").partition(";")[0].strip().lower()


def check(headers: Headers) -> None:
    """Raise HTTPException where the headers alone tell that it will not be read."""
    found = kind(headers)
    if found not in LIMITS:
        raise HTTPException(415, f"the body has to be {JSON}, or {FORM} for an upload")
    length = headers.get("content-length", "")
    if length.isdecimal() and int(length[:20]) > LIMITS[found]:
        raise _too_large(LIMITS[found])


def limited(receive: Receive, headers: Headers) -> Receive:
    """Receives until too much has come, then raises HTTPException: not every body tells its length."""
    limit = LIMITS.get(kind(headers), LIMITS[JSON])
    received = 0

    async def counted() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > limit:
            raise _too_large(limit)
        return message

    return counted


def _too_large(limit: int) -> HTTPException:
    return HTTPException(413, f"a body has at most {limit:,} bytes here")
