"""`/media/{id}[?variant=]`: a lasting link that redirects to a URL that expires."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

import resolvers.media
from loaders.cache import MARGIN, UNREADABLE
from loaders.errors import (
    BadInput,
    Forbidden,
    InputError,
    NotConfigured,
    NotSupported,
    SourceError,
    Throttled,
    TimedOut,
    TriptychError,
)
from loaders.records import MediaUrl, MediaVariant
from resolvers.context import RequestContext
from resolvers.permalink import Permalinks
from schema.errors import extensions_of
from server import error_response
from server.graphql.departure import EndedByDeparture

LONGEST_AGE = 3600  # seconds
GATHERING = 0.004  # seconds; a page requests its pictures one by one: those of one moment share a call


class PermalinkRedirects:
    """Follows the links. operation: makes the context with the server's own keys."""

    def __init__(self, links: Permalinks, operation: Callable[[], RequestContext]) -> None:
        self._links = links
        self._operation = operation
        self._gathering: asyncio.Future[None] | None = None

    async def follow(self, request: Request) -> Response:
        """302 to a URL that works now; 400, 403, 404, or 5xx with the graph's error as JSON.

        Raises ClientDisconnect where the client has gone meanwhile: its look-up ends.
        """
        try:
            variant = _variant(request.query_params)
            id_ = request.path_params["id"]
            if not self._links.is_valid(id_, variant, request.query_params.get("sig", "")):
                raise Forbidden("Invalid signature: this server did not make the link")
            async with EndedByDeparture(request.receive):
                await self._gathered()
                found = await resolvers.media.fresh_url(self._operation(), id_, variant)
        except TriptychError as error:
            return _failed(error)
        if found is None:
            return error_response.answer(404, error_response.NOT_FOUND, "No such picture")
        return RedirectResponse(
            found.url,
            status_code=302,
            headers={"Cache-Control": f"private, max-age={_age(found)}", "Referrer-Policy": "no-referrer"},
        )

    async def _gathered(self) -> None:
        """All requests of one moment go on in the same tick, so that a batch takes the keys of all."""
        if self._gathering is None:
            loop = asyncio.get_running_loop()
            self._gathering = loop.create_future()
            loop.call_later(GATHERING, self._release)
        await asyncio.shield(self._gathering)

    def _release(self) -> None:
        assert self._gathering is not None
        self._gathering.set_result(None)
        self._gathering = None


def _variant(query: QueryParams) -> MediaVariant:
    name = query.get("variant", MediaVariant.PUBLIC.value)
    try:
        return MediaVariant(name)
    except ValueError:
        raise BadInput(
            f"Invalid variant {name[:40]!r}: expected PUBLIC, THUMBNAIL or STILL_THUMBNAIL"
        ) from None


def _age(found: MediaUrl, clock: Callable[[], float] = time.time) -> int:
    left = UNREADABLE if found.expires_at is None else found.expires_at.timestamp() - clock() - MARGIN
    return int(min(LONGEST_AGE, max(0.0, left)))


def _failed(error: TriptychError) -> Response:
    if isinstance(error, InputError):
        status = 403 if isinstance(error, Forbidden) else 400
    elif isinstance(error, NotConfigured | NotSupported):
        status = 501
    elif isinstance(error, TimedOut):
        status = 504
    else:
        status = 503 if isinstance(error, Throttled) else 502
    headers = {}
    if isinstance(error, SourceError) and error.retry_after is not None:
        headers["Retry-After"] = str(math.ceil(error.retry_after))
    return error_response.answer(
        status, error.code, error.message, headers=headers, extensions=extensions_of(error)
    )
