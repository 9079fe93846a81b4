"""Pages of other origins: their preflights, and that they can read every refusal."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import pytest

from server.access.tokens import Token
from tests.conftest import Serve

PAGE = "https://app.example"
TOKENS = (Token.parse(f"anna:read:{sha256(b'secret').hexdigest()}"),)
BEARER = {"Authorization": "Bearer secret"}
BODY = {"query": "{ __typename }"}
REFUSED: list[tuple[str, str, dict[str, Any], int]] = [
    ("POST", "/graphql", {"json": BODY}, 401),
    ("POST", "/graphql", {"json": BODY, "headers": {"Authorization": "Bearer wrong"}}, 401),
    ("POST", "/graphql", {"json": BODY, "headers": {**BEARER, "Accept": "image/png"}}, 406),
    ("POST", "/graphql", {"data": b"x", "headers": {**BEARER, "Content-Type": "text/plain"}}, 415),
    ("POST", "/graphql", {"json": [], "headers": BEARER}, 400),
    ("POST", "/graphql", {"json": BODY, "headers": {**BEARER, "Host": "evil.example"}}, 400),
    ("PUT", "/graphql", {"headers": BEARER}, 405),
    ("GET", "/nothing", {"headers": BEARER}, 404),
    ("GET", "/media/media:pixai:1", {}, 403),
]


@pytest.mark.parametrize(("method", "path", "how", "status"), REFUSED)
async def test_a_page_can_read_why_it_is_refused(
    serve: Serve, method: str, path: str, how: dict[str, Any], status: int
) -> None:
    """With the headers that browsers ask for, which no foreign page gets."""
    async with serve(cors_origins=(PAGE,), tokens=TOKENS) as graph:
        headers = {**how.get("headers", {}), "Origin": PAGE}
        async with graph.session.request(method, graph.origin + path, **{**how, "headers": headers}) as found:
            code = (await found.json())["errors"][0]["extensions"]["code"]
        headers["Origin"] = "https://evil.example"
        async with graph.session.request(
            method, graph.origin + path, **{**how, "headers": headers}
        ) as foreign:
            await foreign.read()

    assert (found.status, bool(code)) == (status, True)
    assert found.headers["Access-Control-Allow-Origin"] == PAGE
    assert found.headers["Access-Control-Expose-Headers"] == "Retry-After, X-Request-Id"
    assert "Origin" in found.headers["Vary"]
    assert "Access-Control-Allow-Origin" not in foreign.headers
    assert foreign.status in {status, 403}


async def test_a_preflight_says_what_a_page_may_send(serve: Serve) -> None:
    """Of the clients' headers all; no credentials of the browser's own; remembered for a while."""
    asked = "authorization, content-type, x-pixai-key, apollo-require-preflight"
    preflight = {
        "Origin": PAGE,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": asked,
    }
    async with serve(cors_origins=(PAGE,), tokens=TOKENS) as graph:
        async with graph.session.options(f"{graph.origin}/graphql", headers=preflight) as allowed:
            await allowed.read()
        preflight["Access-Control-Request-Method"] = "DELETE"
        async with graph.session.options(f"{graph.origin}/graphql", headers=preflight) as other:
            await other.read()

    assert allowed.status == 200
    assert allowed.headers["Access-Control-Allow-Origin"] == PAGE
    assert allowed.headers["Access-Control-Allow-Methods"] == "GET, POST"
    assert allowed.headers["Access-Control-Allow-Headers"] == asked
    assert int(allowed.headers["Access-Control-Max-Age"]) == 600
    assert "Access-Control-Allow-Credentials" not in allowed.headers
    assert other.status == 400


async def test_without_origins_no_page_is_let_in(serve: Serve) -> None:
    """A preflight is refused, in JSON, and has no header that would allow anything."""
    preflight = {"Origin": PAGE, "Access-Control-Request-Method": "POST"}
    async with (
        serve() as graph,
        graph.session.options(f"{graph.origin}/graphql", headers=preflight) as response,
    ):
        answer = await response.json()

    assert (response.status, answer["errors"][0]["extensions"]["code"]) == (403, "FORBIDDEN")
    assert not any(name.lower().startswith("access-control") for name in response.headers)
