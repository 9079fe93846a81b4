"""`/media/{id}[?variant=]`: a link that lasts, redirecting to a URL that does not."""

from __future__ import annotations

import hmac
import time
from collections.abc import Callable
from hashlib import sha256
from urllib.parse import quote

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

import resolvers.media
from loaders.cache import MARGIN, UNREADABLE
from loaders.errors import (
    BadInput,
    ErrorCode,
    Forbidden,
    InputError,
    SourceError,
    Throttled,
    TimedOut,
    TriptychError,
)
from loaders.records import MediaRecord, MediaUrl, MediaVariant
from resolvers.context import Operation

LONGEST_AGE = 3600  # seconds


class Permalinks:
    """Makes the links and follows them. secret: signs them, where callers need tokens; None: unsigned."""

    def __init__(self, origin: str, secret: bytes | None) -> None:
        self._origin = origin
        self._secret = secret

    def link(self, record: MediaRecord, variant: MediaVariant) -> str:
        """The absolute link to a picture."""
        query = "" if variant is MediaVariant.PUBLIC else f"variant={variant.value}"
        if self._secret is not None:
            signature = f"sig={self._signature(record.id, variant)}"
            query = f"{query}&{signature}" if query else signature
        path = f"{self._origin}/media/{quote(record.id, safe=':')}"
        return f"{path}?{query}" if query else path

    async def follow(self, request: Request, operation: Operation) -> Response:
        """302 to a URL that works now; 400, 403, 404, or 5xx with the graph's error as JSON."""
        try:
            variant = _variant(request.query_params)
            id_ = request.path_params["id"]
            self._check(id_, variant, request.query_params.get("sig", ""))
            found = await resolvers.media.fresh_url(operation, id_, variant)
        except TriptychError as error:
            return _failed(error)
        if found is None:
            body = {"errors": [{"message": "there is no such picture", "extensions": {"code": "NOT_FOUND"}}]}
            return JSONResponse(body, status_code=404)
        return RedirectResponse(
            found.url,
            status_code=302,
            headers={"Cache-Control": f"private, max-age={_age(found)}", "Referrer-Policy": "no-referrer"},
        )

    def _signature(self, id_: str, variant: MediaVariant) -> str:
        assert self._secret is not None
        return hmac.new(self._secret, f"{id_}\0{variant.value}".encode(), sha256).hexdigest()[:32]

    def _check(self, id_: str, variant: MediaVariant, signature: str) -> None:
        if self._secret is not None and not hmac.compare_digest(
            self._signature(id_, variant).encode(), signature.encode()
        ):
            raise Forbidden("the link is not signed by this server")


def _variant(query: QueryParams) -> MediaVariant:
    name = query.get("variant", MediaVariant.PUBLIC.value)
    try:
        return MediaVariant(name)
    except ValueError:
        raise BadInput(f"variant={name[:40]!r}: wanted PUBLIC, THUMBNAIL or STILL_THUMBNAIL") from None


def _age(found: MediaUrl, clock: Callable[[], float] = time.time) -> int:
    left = UNREADABLE if found.expires_at is None else found.expires_at.timestamp() - clock() - MARGIN
    return int(min(LONGEST_AGE, max(0.0, left)))


def _failed(error: TriptychError) -> JSONResponse:
    headers = {}
    if isinstance(error, InputError):
        status = 403 if isinstance(error, Forbidden) else 400
    elif isinstance(error, TimedOut):
        status = 504
    elif isinstance(error, Throttled):
        status = 503
    else:
        status = 502 if error.code.startswith("UPSTREAM") else 501
    if isinstance(error, SourceError) and error.retry_after is not None:
        headers["Retry-After"] = str(int(error.retry_after) + 1)
    code: ErrorCode = error.code
    return JSONResponse(
        {"errors": [{"message": error.message, "extensions": {"code": code.value}}]},
        status_code=status,
        headers=headers,
    )
