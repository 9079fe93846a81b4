"""Who may ask new-api, and how it says no."""

from __future__ import annotations

import pytest

from sandbox import Sandbox
from tests.sandbox.requests_midjourney import PIG, asking_newapi, asking_relay

SELF, ALL, TASK = "/api/mj/self", "/api/mj/", f"/mj/task/{PIG}/fetch"


@pytest.mark.parametrize("token", ["{key}", "Bearer {key}"])
async def test_a_token_comes_raw_or_as_a_bearers(box: Sandbox, token: str) -> None:
    """Beside the user's number."""
    async with asking_newapi(box.newapi) as client:
        headers = {"Authorization": token.format(key=box.newapi.key), "New-Api-User": str(box.newapi.user)}
        status, body = await client.json(SELF, headers=headers)

    assert (status, body["success"]) == (200, True)


@pytest.mark.parametrize(
    ("name", "user", "path", "old", "new", "code"),
    [
        ("", "7", SELF, 401, 401, "AUTH_UNAUTHORIZED"),
        ("key", None, SELF, 401, 401, "AUTH_UNAUTHORIZED"),
        ("key", "seven", SELF, 401, 401, "AUTH_UNAUTHORIZED"),
        ("key", "1", SELF, 401, 401, "AUTH_UNAUTHORIZED"),
        ("wrong", "7", SELF, 200, 401, "AUTH_UNAUTHORIZED"),
        ("relay_key", "7", SELF, 200, 401, "AUTH_UNAUTHORIZED"),
        ("banned_key", "13", SELF, 200, 403, "AUTH_USER_DISABLED"),
        ("key", "7", ALL, 200, 403, "AUTH_INSUFFICIENT_PRIVILEGE"),
    ],
)
async def test_refusals_of_both_styles(
    box: Sandbox, name: str, user: str | None, path: str, old: int, new: int, code: str
) -> None:
    """The old style answers 200 for all but missing credentials; the new one has statuses and codes."""
    headers = {"Authorization": getattr(box.newapi, name, name), "New-Api-User": user}
    sent = {header: value for header, value in headers.items() if value}
    async with asking_newapi(box.newapi) as client:
        first, said = await client.json(path, headers=sent)
        box.newapi.auth = "new"
        second, coded = await client.json(path, headers=sent)

    assert (first, second) == (old, new)
    assert (set(said), said["success"]) == ({"success", "message"}, False)
    assert coded == said | {"code": code}


async def test_admins_and_others_see_what_is_theirs(box: Sandbox) -> None:
    """The same route, another token, other rows."""
    server = box.newapi
    for key, user in ((server.other_key, server.other_user), (server.admin_key, server.admin_user)):
        async with asking_newapi(server, key, user) as client:
            assert {row["user_id"] for row in await client.rows()} == {user}


async def test_a_business_error_is_a_200(box: Sandbox) -> None:
    """As a fault, with the document's message."""
    box.newapi.fail("GET /api/mj/self", status=200, message="获取任务列表失败", times=1)
    async with asking_newapi(box.newapi) as client:
        assert await client.json(SELF) == (200, {"success": False, "message": "获取任务列表失败"})
        assert (await client.json(SELF))[1]["success"] is True


async def test_a_rate_limit_has_no_body(box: Sandbox) -> None:
    """429 and Retry-After, nothing else; at the relay it is JSON."""
    box.newapi.fail("*", status=429, retry_after=3, code="30")
    async with asking_newapi(box.newapi) as client:
        async with client.session.get(box.newapi.url + SELF, headers=client.headers) as answer:
            body, wait = await answer.read(), answer.headers["Retry-After"]
        relayed = await client.json(TASK)

    assert (answer.status, body, wait) == (429, b"", "3")
    assert relayed == (
        429,
        {"description": "Too Many Requests ", "type": "upstream_error", "code": 30},
    )


@pytest.mark.parametrize(
    ("status", "path", "body"),
    [
        (500, SELF, {"success": False, "message": "Internal Server Error"}),
        (403, SELF, {"success": False, "message": "Forbidden"}),
        (401, TASK, {"error": {"message": "Unauthorized", "type": "new_api_error"}}),
        (400, TASK, {"description": "Bad Request ", "type": "upstream_error", "code": 5}),
    ],
)
async def test_faults_have_the_shape_of_their_path(
    box: Sandbox, status: int, path: str, body: object
) -> None:
    """The dashboard's and the relay's differ."""
    box.newapi.fail("*", status=status)
    async with asking_newapi(box.newapi) as client:
        assert await client.json(path) == (status, body)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Authorization": "Bearer {relay_key}"}, 200),
        ({"Authorization": "{relay_key}"}, 200),
        ({"mj-api-secret": "{relay_key}"}, 200),
        ({"Authorization": "midjourney-proxy", "mj-api-secret": "{relay_key}"}, 200),
        ({"Authorization": "Bearer sk-wrong", "mj-api-secret": "{relay_key}"}, 401),
        ({"Authorization": "Bearer {key}"}, 401),
        ({}, 401),
    ],
)
async def test_the_relay_wants_an_api_key(box: Sandbox, headers: dict[str, str], status: int) -> None:
    """A bearer's, or mj-api-secret where there is no other; an access token is none."""
    sent = {name: text.format_map(vars(box.newapi)) for name, text in headers.items()}
    async with asking_relay(box.newapi) as client:
        seen, body = await client.json(TASK, headers=sent)

    assert seen == status
    assert status == 200 or (list(body), body["error"]["type"]) == (["error"], "new_api_error")


async def test_an_unknown_path(box: Sandbox) -> None:
    """A 404 in the dashboard's shape, with or without a key."""
    async with asking_newapi(box.newapi) as client:
        found = await client.json("/api/nothing", headers={})

    assert found == (404, {"success": False, "message": "Not Found"})


async def test_what_clients_of_the_dashboard_ask_first(box: Sandbox) -> None:
    """The status needs no token; the user is the token's own."""
    async with asking_newapi(box.newapi, box.newapi.admin_key, box.newapi.admin_user) as client:
        _, status = await client.json("/api/status", headers={})
        _, user = await client.json("/api/user/self")
        refused, _ = await client.json("/api/user/self", headers={})

    assert (status["success"], status["data"]["server_address"]) == (True, box.newapi.url)
    assert {name: user["data"][name] for name in ("id", "role", "quota")} == {
        "id": 1,
        "role": 10,
        "quota": box.newapi.quota,
    }
    assert refused == 401
