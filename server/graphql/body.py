"""The size and the content type of request bodies."""

from __future__ import annotations

from collections.abc import Mapping

from cross_web import HTTPException
from starlette.datastructures import Headers
from starlette.types import Message, Receive

JSON = "application/json"
FORM = "multipart/form-data"
LIMITS = {JSON: 1024 * 1024, FORM: 32 * 1024 * 1024}  # bytes; a form uploads pictures
Limits = Mapping[str, int]
# Pictures may travel in JSON, as base64 in a few long texts. Parsing holds the event loop, and 16 MiB of
# [[],[],[]… would for seconds.
MOST_VALUES = 20_000  # of a larger one than everybody may send


def kind(headers: Headers) -> str:
    """`application/json`, without parameters and in lower case."""
    return headers.get("content-type", "").partition(";")[0].strip().lower()


def check(headers: Headers, limits: Limits = LIMITS) -> None:
    """Raise HTTPException where the headers alone show that the body will not be read."""
    found = kind(headers)
    if headers.get("content-encoding", "identity").lower() != "identity":
        raise HTTPException(415, "Compressed request bodies are not supported")
    if found not in limits:
        raise HTTPException(415, f"Expected Content-Type {JSON}, or {FORM} for uploads")
    length = headers.get("content-length", "")
    if length.isdecimal() and int(length[:20]) > limits[found]:
        raise _too_large(limits[found])


def limited(receive: Receive, headers: Headers, limits: Limits = LIMITS) -> Receive:
    """`receive`, raising HTTPException beyond the limit: not every request has a Content-Length."""
    limit = limits.get(kind(headers), limits[JSON])
    received = 0

    async def counted() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > limit:
            raise _too_large(limit)
        return message

    return counted


def check_values(content: bytes) -> None:
    """Raise HTTPException where a large JSON text is not large for its texts."""
    if len(content) > LIMITS[JSON] and sum(map(content.count, (b",", b"[", b"{"))) > MOST_VALUES:
        raise HTTPException(413, f"Request body too large: it has more than {MOST_VALUES:,} values")


def _too_large(limit: int) -> HTTPException:
    return HTTPException(413, f"Request body too large: expected at most {limit:,} bytes")
