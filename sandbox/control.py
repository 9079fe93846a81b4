"""The routes under /_sandbox/ of every emulated upstream: what tests set and read, for any client.

They need no key, are never counted, and no fault hits them.
"""

from __future__ import annotations

from collections import Counter
from typing import Any, Protocol

from aiohttp import web

from sandbox.clock import Clock
from sandbox.faults import Fault, Faults
from sandbox.json_text import json_response, loads

PREFIX = "/_sandbox/"
YEAR = 366 * 86_400  # seconds


class Controlled(Protocol):
    """The part of an `Upstream` that the control routes set and read."""

    faults: Faults
    requests: Counter[str]
    created: list[str]
    webhook: str | None
    clock: Clock

    def arm(self, fault: Fault) -> None:
        """Raises ValueError for a route that does not exist."""


def routes(upstream: Controlled) -> list[web.RouteDef]:
    """faults: POST GET DELETE; requests: GET DELETE; created: GET; clock, webhook: POST."""

    async def add_fault(request: web.Request) -> web.Response:
        try:
            upstream.arm(Fault.of(await _object(request, '{"route": "*", "status": 500}')))
        except ValueError as error:
            return json_response({"message": str(error)}, status=400)
        return json_response(_faults(), status=201)

    async def list_faults(_request: web.Request) -> web.Response:
        return json_response(_faults())

    async def heal(_request: web.Request) -> web.Response:
        upstream.faults.clear()
        return web.Response(status=204)

    async def counts(_request: web.Request) -> web.Response:
        return json_response(dict(upstream.requests))

    async def forget(_request: web.Request) -> web.Response:
        upstream.requests.clear()
        return web.Response(status=204)

    async def created(_request: web.Request) -> web.Response:
        return json_response(upstream.created)

    async def step(request: web.Request) -> web.Response:
        try:
            seconds = (await _object(request, '{"advance": 10}')).get("advance")
            if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds <= YEAR:
                raise ValueError(f"advance={seconds}: expected seconds, at most a year")
        except ValueError as error:
            return json_response({"message": str(error)}, status=400)
        upstream.clock.advance(seconds)
        return json_response({"now": upstream.clock()})

    async def set_webhook(request: web.Request) -> web.Response:
        try:
            url = (await _object(request, '{"url": "http://127.0.0.1:8000/hook"}')).get("url")
            if url is not None and not isinstance(url, str):
                raise ValueError(f"url={url}: expected text or null")
        except ValueError as error:
            return json_response({"message": str(error)}, status=400)
        upstream.webhook = url
        return web.Response(status=204)

    def _faults() -> list[dict[str, object]]:
        return [{"fault": str(armed.fault), "left": armed.left} for armed in upstream.faults]

    return [
        web.post(PREFIX + "faults", add_fault),
        web.get(PREFIX + "faults", list_faults),
        web.delete(PREFIX + "faults", heal),
        web.get(PREFIX + "requests", counts),
        web.delete(PREFIX + "requests", forget),
        web.get(PREFIX + "created", created),
        web.post(PREFIX + "clock", step),
        web.post(PREFIX + "webhook", set_webhook),
    ]


async def _object(request: web.Request, example: str) -> dict[str, Any]:
    """The body. Raises ValueError where it is not a JSON object."""
    values = loads(await request.read())
    if not isinstance(values, dict):
        raise ValueError(f"expected a JSON object like {example}")
    return values
