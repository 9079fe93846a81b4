"""The two clients against answers of every build, and against redirects that would take the key along."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from loaders import errors
from loaders.credentials import Credential
from loaders.midjourney.newapi.client import Declined, NewapiClient, RowPage, RowQuery, TimeUnit
from loaders.midjourney.proxy.client import MjProxyClient
from tests.loaders.midjourney_served import Odd, odd

TOKEN = Credential({"newapi_token": "token", "newapi_user": "7", "mj_key": "key"})


@asynccontextmanager
async def newapi(server: Odd, unit: TimeUnit = "ms") -> AsyncIterator[NewapiClient]:
    client = NewapiClient(server.origin, unit)
    await client.open()
    try:
        yield client
    finally:
        await client.close()


@asynccontextmanager
async def proxy(server: Odd, auth: str = "bearer") -> AsyncIterator[MjProxyClient]:
    client = MjProxyClient(server.origin, auth)
    await client.open()
    try:
        yield client
    finally:
        await client.close()


@pytest.mark.parametrize(
    ("body", "page"),
    [
        (
            '{"success": true, "data": {"items": [{"id": 1}, null], "total": 25, "page_size": 20}}',
            RowPage(items=({"id": 1},), total=25, page_size=20),
        ),
        ('{"success": true, "data": {"items": null}}', RowPage(items=())),
        ('{"success": true, "data": {"items": [], "start_timestamp": 0}}', RowPage(items=())),
        ('{"data": [{"id": 1}]}', RowPage(items=({"id": 1},), page_size=10, is_legacy=True)),
        ('{"success": true, "data": []}', RowPage(items=(), page_size=10, is_legacy=True)),
        ('{"success": true, "data": null}', RowPage(items=())),
    ],
)
async def test_lists(body: str, page: RowPage) -> None:
    """An envelope, or a bare array of a legacy build; null is empty."""
    async with odd(body=body) as server, newapi(server) as client:
        assert await client.list(RowQuery(), TOKEN) == page


@pytest.mark.parametrize(
    ("answer", "wanted"),
    [
        ({"body": '{"success": false, "code": "AUTH_TOKEN_EXPIRED", "message": "…"}'}, errors.Refused),
        ({"body": '{"success": false, "message": "获取任务列表失败"}'}, Declined),
        ({"body": '{"success": false, "code": "DB_ERROR", "message": "…"}'}, Declined),
        ({"body": '{"success": true}'}, errors.Malformed),
        ({"body": '{"success": true, "data": {"total": 1}}'}, errors.Malformed),
        ({"body": '{"success": true, "data": "text"}'}, errors.Malformed),
        ({"body": "[]"}, errors.Malformed),
        ({"body": ""}, errors.Malformed),
        ({"body": "<!doctype html>"}, errors.Malformed),
        ({"body": '{"success": true, "data": NaN}'}, errors.Malformed),
        ({"status": 401, "body": '{"success": false, "message": "…"}'}, errors.Refused),
        ({"status": 403, "body": '{"success": false, "message": "…"}'}, errors.Refused),
        ({"status": 429}, errors.Throttled),
        ({"status": 404, "body": "404 page not found"}, errors.Rejected),
        ({"status": 500}, errors.Fault),
    ],
)
async def test_lists_that_fail(answer: dict[str, Any], wanted: type[Exception]) -> None:
    """HTTP 200 says little: the envelope tells."""
    async with odd(**answer) as server, newapi(server) as client:
        with pytest.raises(wanted) as raised:
            await client.list(RowQuery(), TOKEN)
        assert type(raised.value) is wanted


async def test_an_admins_list_that_is_not_for_this_token() -> None:
    """Old builds say so with HTTP 200 and a message: it is the role as a rule."""
    async with odd(body='{"success": false, "message": "…"}') as server, newapi(server) as client:
        with pytest.raises(errors.Refused):
            await client.list(RowQuery(admin=True), TOKEN)


async def test_what_a_list_call_sends() -> None:
    """The token, the user's number, the page and its size, always; times in milliseconds."""
    start = datetime(2024, 11, 3, 8, 17, 6, 53_400, tzinfo=UTC)
    query = RowQuery(
        page=3, page_size=500, mj_id="a&p=9", start=start, end=start + timedelta(seconds=1), channel_id="9"
    )
    async with odd(body='{"data": {"items": []}}') as server, newapi(server) as client:
        await client.list(query, TOKEN)

        (asked,) = server.asked
        assert asked.path == "/api/mj/self"
        assert asked.headers["Authorization"] == "Bearer token"
        assert asked.headers["New-Api-User"] == "7"
        assert dict(asked.query) == {
            "p": "3",
            "page_size": "100",
            "mj_id": "a&p=9",
            "start_timestamp": "1730621826054",
            "end_timestamp": "1730621827053",
        }


async def test_what_an_admins_list_call_sends() -> None:
    """Its own path, with the last slash, and the channel; a server may count seconds."""
    start = datetime(2024, 11, 3, 8, 17, 6, 53_000, tzinfo=UTC)
    query = RowQuery(admin=True, start=start, end=start, channel_id="9")
    async with odd(body='{"data": {"items": []}}') as server, newapi(server, "s") as client:
        await client.list(query, TOKEN)

        (asked,) = server.asked
        assert asked.path == "/api/mj/"
        assert dict(asked.query) == {
            "p": "1",
            "page_size": "100",
            "start_timestamp": "1730621827",
            "end_timestamp": "1730621826",
            "channel_id": "9",
        }


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_redirect_to_another_server(status: int) -> None:
    """The key goes nowhere else."""
    async with odd(body='{"data": []}') as other:
        elsewhere = {"Location": f"{other.origin}/api/mj/self/"}
        async with odd(status=status, headers=elsewhere) as server:
            async with newapi(server) as client:
                with pytest.raises(errors.Malformed):
                    await client.list(RowQuery(), TOKEN)
            async with proxy(server) as lookups:
                with pytest.raises(errors.Malformed):
                    await lookups.tasks(["1"], TOKEN)

        assert other.asked == []


@pytest.mark.parametrize("location", ["/login", "", "//evil.example/api/mj/self/", "/api/mj/self/"])
async def test_redirects_that_are_not_followed(location: str) -> None:
    """Only the other slash form, and only once."""
    async with odd(status=301, headers={"Location": location}) as server, newapi(server) as client:
        with pytest.raises(errors.Malformed):
            await client.list(RowQuery(), TOKEN)

        assert len(server.asked) == (2 if location == "/api/mj/self/" else 1)


@pytest.mark.parametrize(
    ("status", "body", "wanted"),
    [
        (200, '{"code": 23, "description": "队列已满"}', errors.Throttled),
        (400, '{"code": 23}', errors.Throttled),
        (200, '{"code": 24}', errors.Rejected),
        (400, '{"description": "do_request_failed ", "type": "upstream_error", "code": 5}', errors.Fault),
        (429, '{"description": "saturated ", "code": 30}', errors.Throttled),
        (401, "Authorization header missing.", errors.Refused),
        (403, "未登录", errors.Refused),
        (401, "", errors.Refused),
        (401, '{"error": {"message": "无效的令牌", "type": "new_api_error"}}', errors.Refused),
        (200, '{"success": false, "code": 500, "message": "…", "timestamp": 1}', errors.Fault),
        (200, '{"success": false, "code": 401, "message": "…", "timestamp": 1}', errors.Refused),
        (200, '{"success": false, "message": "…"}', errors.Fault),
        (500, '{"success": false, "code": 500, "message": "…", "timestamp": 1}', errors.Fault),
        (200, "{}", errors.Malformed),
        (200, "7", errors.Malformed),
        (200, "<!doctype html>", errors.Malformed),
    ],
)
async def test_batches_that_fail(status: int, body: str, wanted: type[Exception]) -> None:
    """An answer's own code comes before its status."""
    async with odd(status=status, body=body) as server, proxy(server) as client:
        with pytest.raises(wanted):
            await client.tasks(["1"], TOKEN)


@pytest.mark.parametrize(
    ("status", "body", "found"),
    [
        (200, '[{"id": "1"}, null, 7]', [{"id": "1"}]),
        (200, '{"id": "1"}', [{"id": "1"}]),
        (200, "[]", []),
        (200, "", []),
        (204, "", []),
    ],
)
async def test_batches(status: int, body: str, found: list[dict[str, str]]) -> None:
    """A list, one object, or nothing."""
    async with odd(status=status, body=body) as server, proxy(server) as client:
        assert await client.tasks(["1"], TOKEN) == found


@pytest.mark.parametrize(
    ("auth", "header", "value"),
    [
        ("bearer", "Authorization", "Bearer key"),
        ("authorization-raw", "Authorization", "key"),
        ("mj-api-secret", "mj-api-secret", "key"),
    ],
)
async def test_one_header_only(auth: str, header: str, value: str) -> None:
    """The C# server would take any Authorization for the token, whatever stands beside it."""
    async with odd(body="[]") as server, proxy(server, auth) as client:
        await client.tasks(["1"], TOKEN)
        await client.tasks(["1"], Credential({}))

        named = ("Authorization", "mj-api-secret")
        sent = [
            {name: asked.headers[name] for name in named if name in asked.headers} for asked in server.asked
        ]
        assert sent == [{header: value}, {}]


async def test_ids_in_paths() -> None:
    """One segment, encoded once; what no path can carry is not asked for."""
    async with odd(body="{}") as server, proxy(server) as client:
        for key in ("odd/ id?#%é&", "%2e%2e", "..", "a/../b", "a\\..\\b", ""):
            await client.image_seed(key, TOKEN)

        assert [asked.raw_path for asked in server.asked] == [
            "/mj/task/odd%2F%20id%3F%23%25%C3%A9%26/image-seed",
            "/mj/task/%252e%252e/image-seed",
        ]
