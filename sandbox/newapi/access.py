"""Authentication at new-api (access tokens with a user id, API keys at the relay), and its errors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from aiohttp import web
from aiohttp.typedefs import Handler

from sandbox.json_text import json_response
from sandbox.midjourney.records import USER, Json
from sandbox.midjourney.submit_results import FAILURE
from sandbox.midjourney.submit_results import refused as submit_refused

Style = Literal["old", "new"]
NO_TOKEN = "无权进行此操作，未登录且未提供 access token"  # noqa: S105
BAD_TOKEN = "无权进行此操作，access token 无效"  # noqa: S105
NO_USER = "无权进行此操作，未提供 New-Api-User"
MALFORMED_USER = "无权进行此操作，New-Api-User 格式错误"
OTHER_USER = "无权进行此操作，New-Api-User 与登录用户不匹配"
BANNED = "用户已被封禁"
LOW_ROLE = "无权进行此操作，权限不足"
CODES = {401: "AUTH_UNAUTHORIZED", 403: "AUTH_INSUFFICIENT_PRIVILEGE"}


PAGE = "<!doctype html><html><head><title>New API</title></head><body><div id=root></div></body></html>"
NOT_PAGES = ("/api", "/v1", "/assets")


@web.middleware
async def dashboard_page(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Innermost: a path that does not exist is a page of the dashboard, with 200, whatever the method."""
    missing = request.match_info.http_exception
    if missing is not None and missing.status == 404 and not request.path.startswith(NOT_PAGES):
        return web.Response(text=PAGE, content_type="text/html")
    return await handler(request)


@dataclass(frozen=True, slots=True)
class User:
    """id: what New-Api-User must say. token: for the dashboard's routes. key: for the relay; "" for none."""

    id: int
    token: str
    key: str = ""
    admin: bool = False
    banned: bool = False


OWNER = User(USER, "sandbox-newapi-token", key="sk-sandbox-newapi-key")
ADMIN = User(1, "sandbox-newapi-admin-token", admin=True)
OTHER = User(12, "sandbox-newapi-other-token", key="sk-sandbox-newapi-other-key")
OUTCAST = User(13, "sandbox-newapi-banned-token", banned=True)
USERS = (OWNER, ADMIN, OTHER, OUTCAST)


def error_body(style: Style, status: int, message: str, code: str | None, path: str) -> object:
    """The body of an error; None for nothing, as the dashboard's rate limit answers."""
    if status == 200 and "/submit/" in path:
        return submit_refused(int(code) if code and code.isdecimal() else FAILURE, message)
    if not path.startswith("/api/"):
        if status == 401:
            return {"error": {"message": message, "type": code or "new_api_error"}}
        return upstream_error(message, int(code) if code and code.isdecimal() else 5)
    if status == 429:
        return None
    body: Json = {"success": False, "message": message}
    if code or (style == "new" and status in CODES):
        body["code"] = code or CODES[status]
    return body


def upstream_error(description: str, code: int = 4) -> Json:
    """The relay's error. A description is joined with an empty result, hence the space behind it."""
    return {"description": f"{description} ", "type": "upstream_error", "code": code}


def dashboard_user(request: web.Request, style: Style, *, admin: bool) -> User | web.Response:
    """The user of an access token, or the error.

    401 for a missing token and for New-Api-User; the others 200 in the old style, 401 or 403 in the new.
    """
    token = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
    if not token:
        return _refused(style, 401, NO_TOKEN)
    user = next((one for one in USERS if one.token == token), None)
    if user is None:
        return _refused(style, 401 if style == "new" else 200, BAD_TOKEN)
    claimed = request.headers.get("New-Api-User", "")
    if claimed != str(user.id):
        wrong = OTHER_USER if claimed.isdecimal() else MALFORMED_USER
        return _refused(style, 401, wrong if claimed else NO_USER)
    if user.banned:
        return _refused(style, 403 if style == "new" else 200, BANNED, "AUTH_USER_DISABLED")
    if admin and not user.admin:
        return _refused(style, 403 if style == "new" else 200, LOW_ROLE)
    return user


def relay_user(request: web.Request) -> User | web.Response:
    """The user of an API key: a bearer token, or mj-api-secret where there is none. Else 401."""
    given = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
    if given in ("", "midjourney-proxy"):
        given = request.headers.get("mj-api-secret", "")
    user = next((one for one in USERS if given and one.key == given), None)
    if user is None:
        body = {"error": {"message": "无效的令牌" if given else "未提供令牌", "type": "new_api_error"}}
        return json_response(body, status=401)
    return user


def _refused(style: Style, status: int, message: str, code: str | None = None) -> web.Response:
    named = code if style == "new" else None
    return json_response(error_body(style, status, message, named, "/api/"), status=status)
