"""The routes under /_sandbox/ of every emulated upstream: its faults and its counters, for any client.

They need no key, are never counted, and no fault hits them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from sandbox.faults import Fault
from sandbox.json_text import json_response, loads

if TYPE_CHECKING:
    from sandbox.upstream import Upstream

PREFIX = "/_sandbox/"


def routes(upstream: Upstream) -> list[web.RouteDef]:
    """`POST GET DELETE /_sandbox/faults` and `GET DELETE /_sandbox/requests`."""

    async def add_fault(request: web.Request) -> web.Response:
        try:
            values = loads(await request.read())
            if not isinstance(values, dict):
                raise ValueError('a JSON object like {"route": "*", "status": 500} was wanted')
            upstream.arm(Fault.of(values))
        except ValueError as error:
            return json_response({"message": str(error)}, status=400)
        return json_response(_faults(), status=201)

    async def list_faults(_request: web.Request) -> web.Response:
        return json_response(_faults())

    async def heal(_request: web.Request) -> web.Response:
        upstream.heal()
        return web.Response(status=204)

    async def counts(_request: web.Request) -> web.Response:
        return json_response(dict(upstream.requests))

    async def forget(_request: web.Request) -> web.Response:
        upstream.requests.clear()
        return web.Response(status=204)

    def _faults() -> list[dict[str, object]]:
        return [{"fault": str(armed.fault), "left": armed.left} for armed in upstream.faults]

    return [
        web.post(PREFIX + "faults", add_fault),
        web.get(PREFIX + "faults", list_faults),
        web.delete(PREFIX + "faults", heal),
        web.get(PREFIX + "requests", counts),
        web.delete(PREFIX + "requests", forget),
    ]
