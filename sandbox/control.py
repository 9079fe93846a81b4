"""The routes under /_sandbox/ of every emulated upstream: its faults and its counters, for any client.

They need no key, are never counted, and no fault hits them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from aiohttp import web

from sandbox.faults import Fault, Faults
from sandbox.json_text import json_response, loads

PREFIX = "/_sandbox/"


def routes(faults: Faults, requests: Counter[str], arm: Callable[[Fault], None]) -> list[web.RouteDef]:
    """`POST GET DELETE /_sandbox/faults` and `GET DELETE /_sandbox/requests`.

    arm: puts a fault in force; raises ValueError for a route that does not exist.
    """

    async def add_fault(request: web.Request) -> web.Response:
        try:
            values = loads(await request.read())
            if not isinstance(values, dict):
                raise ValueError('expected a JSON object like {"route": "*", "status": 500}')
            arm(Fault.of(values))
        except ValueError as error:
            return json_response({"message": str(error)}, status=400)
        return json_response(_list(), status=201)

    async def list_faults(_request: web.Request) -> web.Response:
        return json_response(_list())

    async def heal(_request: web.Request) -> web.Response:
        faults.clear()
        return web.Response(status=204)

    async def counts(_request: web.Request) -> web.Response:
        return json_response(dict(requests))

    async def forget(_request: web.Request) -> web.Response:
        requests.clear()
        return web.Response(status=204)

    def _list() -> list[dict[str, object]]:
        return [{"fault": str(armed.fault), "left": armed.left} for armed in faults]

    return [
        web.post(PREFIX + "faults", add_fault),
        web.get(PREFIX + "faults", list_faults),
        web.delete(PREFIX + "faults", heal),
        web.get(PREFIX + "requests", counts),
        web.delete(PREFIX + "requests", forget),
    ]
