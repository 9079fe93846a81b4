"""new-api's own lists of Midjourney tasks: a user's, and everybody's for admins."""

from __future__ import annotations

from aiohttp import web

from sandbox.json_text import json_response
from sandbox.midjourney.records import Json, Task
from sandbox.newapi.access import User, dashboard_user
from sandbox.newapi.pages import Filters, legacy, paged
from sandbox.newapi.server import NewApi


class Dashboard:
    """`GET /api/mj/self` and `GET /api/mj/`; the other form of each redirects, as gin does."""

    def __init__(self, server: NewApi) -> None:
        self._server = server

    def routes(self) -> list[web.RouteDef]:
        """All four."""
        return [
            web.get("/api/mj/self", self._own),
            web.get("/api/mj/self/", _redirected),
            web.get("/api/mj/", self._all),
            web.get("/api/mj", _redirected),
        ]

    async def _own(self, request: web.Request) -> web.Response:
        user = dashboard_user(request, self._server.auth, admin=False)
        return user if isinstance(user, web.Response) else self._listed(request, user)

    async def _all(self, request: web.Request) -> web.Response:
        user = dashboard_user(request, self._server.auth, admin=True)
        return user if isinstance(user, web.Response) else self._listed(request, None)

    def _listed(self, request: web.Request, owner: User | None) -> web.Response:
        """owner: whose; None: everybody's, where channel_id is a filter too."""
        server = self._server
        rows = [t for t in server.world if t.listed and (owner is None or t.user == owner.id)]
        filters = Filters.of(request.query, server.unit, admin=owner is None, lenient=server.lenient)
        try:
            tasks: list[Task] | None = filters.apply(rows[::-1])
        except ValueError:
            tasks = None  # what its database refuses comes out as no list at all
        page = (legacy if server.mode == "legacy" else paged)(tasks or [], request.query)
        items: list[Json] | None = [server.row(task) for task in page.tasks]
        if tasks is None or server.null_items:
            items = None
        data: object = items
        if server.mode == "paged":
            data = {"page": page.number, "page_size": page.size, "total": page.total, "items": items}
        return json_response({"success": True, "message": "", "data": data})


async def _redirected(request: web.Request) -> web.Response:
    """301 to the other slash form, with the query."""
    path = request.path[:-1] if request.path.endswith("/") else request.path + "/"
    query = f"?{request.rel_url.raw_query_string}" if request.rel_url.raw_query_string else ""
    return web.Response(status=301, headers={"Location": path + query})
