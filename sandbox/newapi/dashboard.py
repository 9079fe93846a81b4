"""new-api's own lists of Midjourney tasks: a user's, and everybody's for admins."""

from __future__ import annotations

from aiohttp import web

from sandbox.json_text import json_response
from sandbox.midjourney.records import Json, Task
from sandbox.newapi.access import User, dashboard_user
from sandbox.newapi.pages import Filters, legacy, paged
from sandbox.newapi.server import NewApi


class Dashboard:
    """`GET /api/mj/self` and `GET /api/mj/`; the other form of each redirects, as gin does.

    Beside them what clients of the dashboard ask first: the status, without a token, and their own user.
    """

    def __init__(self, server: NewApi) -> None:
        self._server = server

    def routes(self) -> list[web.RouteDef]:
        """All of them."""
        return [
            web.get("/api/mj/self", self._own),
            web.get("/api/mj/self/", _redirected),
            web.get("/api/mj/", self._all),
            web.get("/api/mj", _redirected),
            web.get("/api/status", self._status),
            web.get("/api/user/self", self._user),
        ]

    async def _status(self, _request: web.Request) -> web.Response:
        data = {
            "version": "sandbox",
            "system_name": "New API",
            "server_address": self._server.url,
            "quota_per_unit": 500_000,
            "enable_drawing": True,
        }
        return json_response({"success": True, "message": "", "data": data})

    async def _user(self, request: web.Request) -> web.Response:
        user = dashboard_user(request, self._server.auth, admin=False)
        if isinstance(user, web.Response):
            return user
        data = {
            "id": user.id,
            "username": f"user{user.id}",
            "display_name": f"User {user.id}",
            "role": 10 if user.admin else 1,
            "status": 1,
            "email": f"user{user.id}@example.com",
            "group": "default",
            "quota": self._server.quota,
            "used_quota": 0,
            "request_count": len(self._server.created),
        }
        return json_response({"success": True, "message": "", "data": data})

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
