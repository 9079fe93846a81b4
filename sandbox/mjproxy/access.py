"""Authentication at midjourney-proxy in its three modes, and its errors in its three flavours."""

from __future__ import annotations

import time
from http.client import responses
from typing import Literal

from aiohttp import web

from sandbox.midjourney.submit_results import FAILURE, refused, result

Flavour = Literal["csharp", "java", "reseller"]
Auth = Literal["bearer", "authorization-raw", "mj-api-secret"]
MISSING = "Authorization header missing."
WRONG = "未登录"


def error_body(flavour: Flavour, status: int, message: str, code: str | None, path: str) -> object:
    """The body of an error: an object, plain text, or None for nothing.

    A submit is refused with 200 and a code in the body, the same in every flavour.
    """
    if status == 200 and "/submit/" in path:
        return refused(int(code) if code and code.isdecimal() else FAILURE, message)
    if flavour == "csharp":
        return _csharp(status, message, code)
    if flavour == "java":
        return None if status == 401 else _spring(status, path)
    return {"error": {"message": message, "type": code or "new_api_error"}}


def authentication_error(request: web.Request, key: str, auth: Auth, flavour: Flavour) -> object:
    """The body of the 401, as `error_body` makes it; False where the key is right."""
    given, expected = request.headers.get("Authorization"), key
    if auth == "bearer":
        expected = f"Bearer {key}"
    elif auth == "mj-api-secret" and not (flavour == "csharp" and given):
        # In C#, an Authorization header of any content wins over this one.
        given = request.headers.get("mj-api-secret")
    if given == expected:
        return False
    return error_body(flavour, 401, WRONG if given else MISSING, None, request.path)


def _csharp(status: int, message: str, code: str | None) -> object:
    if status in (401, 403, 429):
        return message
    if status == 404:
        return None  # no such route
    if 400 < status < 500:
        return result(int(code) if code and code.isdecimal() else 4, message)
    number = int(code) if code and code.isdecimal() else status
    now = round(time.time() * 1000)
    return {"success": False, "code": number, "message": message, "timestamp": now}


def _spring(status: int, path: str) -> dict[str, object]:
    stamp = time.strftime("%Y-%m-%dT%H:%M:%S.000+00:00", time.gmtime())
    return {"timestamp": stamp, "status": status, "error": responses.get(status, "Error"), "path": path}
