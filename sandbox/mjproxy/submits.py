"""midjourney-proxy's writing routes: submits, and cancelling."""

from __future__ import annotations

from aiohttp import web
from aiohttp.typedefs import Handler

from sandbox.json_text import json_response, loads
from sandbox.midjourney import submit_results as results
from sandbox.midjourney.plain_errors import error_response
from sandbox.midjourney.prefixes import in_all_modes
from sandbox.midjourney.records import Json
from sandbox.midjourney.submits import NO_TASK
from sandbox.mjproxy.access import Flavour
from sandbox.mjproxy.lookup import guarded
from sandbox.mjproxy.server import MidjourneyProxy

ACCEPTED = (results.SUCCESS, results.EXISTS, results.QUEUED)
NO_ADMIN = "演示模式，禁止操作"
EVERYWHERE: tuple[Flavour, ...] = ("csharp", "java", "reseller")
# submit -> the flavours that have it
SUBMITS: dict[str, tuple[Flavour, ...]] = {
    "imagine": EVERYWHERE,
    "describe": EVERYWHERE,
    "blend": EVERYWHERE,
    "change": ("java", "reseller"),
    "simple-change": ("java", "reseller"),
    "action": ("csharp", "reseller"),
    "modal": ("csharp", "reseller"),
    "shorten": ("csharp", "reseller"),
}


class Submits:
    """The routes, in the flavour that the server has at the moment."""

    def __init__(self, server: MidjourneyProxy) -> None:
        self._server = server

    def routes(self) -> list[web.RouteDef]:
        """One per submit, and `POST /mj/task/{id}/cancel`, in every mode."""
        submits = [("POST", f"/submit/{name}", self._submit(name)) for name in SUBMITS]
        return in_all_modes(*submits, ("POST", "/task/{id}/cancel", guarded(self._server, self._cancel)))

    def _submit(self, name: str) -> Handler:
        async def handle(request: web.Request) -> web.Response:
            if self._server.flavour not in SUBMITS[name]:
                raise web.HTTPNotFound
            try:
                body = loads(await request.read())
            except ValueError:
                body = None
            if not isinstance(body, dict):
                return error_response(400, self._server.error(400, "Bad Request", None))
            answer = self._server.submits.answer(name, body)
            # The C# server alone says with the status that there is no such task.
            missing = answer["description"] == NO_TASK and self._server.flavour == "csharp"
            return json_response(self._numbered(answer), status=404 if missing else 200)

        return guarded(self._server, handle)

    def _numbered(self, answer: Json) -> Json:
        if self._server.numeric_results and answer["code"] in ACCEPTED:
            return answer | {"result": int(answer["result"])}
        return answer

    async def _cancel(self, request: web.Request) -> web.Response:
        if self._server.flavour != "csharp":
            raise web.HTTPNotFound
        if not self._server.is_admin:
            return error_response(400, NO_ADMIN)
        self._server.studio.cancel(request.match_info["id"])
        return web.Response()
