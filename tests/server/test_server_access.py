"""Who may ask: Host, Origin, tokens."""

from __future__ import annotations

import asyncio
import json
from hashlib import sha256
from typing import Any

import pytest

from server.access import origins
from server.access.tokens import Token
from tests.conftest import Client, Serve, without_ids

QUERY = {"query": "{ __typename }"}
ANSWER = {"data": {"__typename": "Query"}}
TOKENS = tuple(
    Token.parse(f"{role}:{role}:{sha256(role.encode()).hexdigest()}") for role in ("read", "admin")
)


async def post(graph: Client, path: str = "/graphql", **headers: str) -> tuple[int, Any]:
    """Status and body."""
    async with graph.session.post(graph.origin + path, json=QUERY, headers=headers) as response:
        return response.status, without_ids(await response.json(), response.headers["X-Request-Id"])


async def spoken(graph: Client, head: str) -> str:
    """The status line of a request that no client would write."""
    host, _, port = graph.origin.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(head.replace("\n", "\r\n").encode() + b"\r\n\r\n")
    line = await reader.readline()
    writer.close()
    await writer.wait_closed()
    return line.decode().strip()


async def test_the_names_of_this_machine_are_known(graph: Client) -> None:
    """In any case, with any port."""
    names = ["localhost", "LOCALHOST:8000", "localhost.", "127.0.0.1:1", "[::1]", "[::1]:8000", "127.0.0.1"]

    answers = {name: await post(graph, Host=name) for name in names}

    assert answers == dict.fromkeys(names, (200, ANSWER))


async def test_another_host_is_refused(graph: Client) -> None:
    """A name that was rebound to this machine comes with its own Host."""
    for name in (
        "evil.example",
        "evil.example:8000",
        "localhost.evil.example",
        "127.0.0.1@evil.example",
        "10.0.0.1",
        "[",
        "a b",
    ):
        status, answer = await post(graph, Host=name)
        assert (name, status, answer["errors"][0]["extensions"]) == (name, 400, {"code": "BAD_USER_INPUT"})


async def test_a_missing_host_is_refused(graph: Client) -> None:
    """In HTTP/1.0, which allows it, as well."""
    assert await spoken(graph, "GET /healthz HTTP/1.0") == "HTTP/1.1 400 Bad Request"


@pytest.mark.parametrize("host", ["triptych.example", "TRIPTYCH.example:443"])
async def test_the_public_name_is_known(serve: Serve, host: str) -> None:
    """And its pages may ask, though a proxy speaks http to this server."""
    async with serve(public_url="https://triptych.example") as graph:
        assert await post(graph, Host=host, Origin="https://triptych.example") == (200, ANSWER)


async def test_a_server_for_others_is_known_by_any_address(serve: Serve) -> None:
    """No name can be rebound to an address; a name has still to be known, but where it is open."""
    async with serve(host="0.0.0.0", tokens=TOKENS) as graph:
        headers = {"Authorization": "Bearer read"}
        by_address = await post(graph, Host="192.168.1.5:8000", **headers)
        by_name, _ = await post(graph, Host="evil.example", **headers)
    async with serve(host="0.0.0.0", open=True) as graph:
        open_by_name = await post(graph, Host="some.example")

    assert (by_address, by_name, open_by_name) == ((200, ANSWER), 400, (200, ANSWER))


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "null", "http://[", "http://127.0.0.1:1", "http://localhost@evil.example"],
)
async def test_another_origin_is_refused(graph: Client, origin: str) -> None:
    """By POST and by GET."""
    status, answer = await post(graph, Origin=origin)
    async with graph.session.get(f"{graph.origin}/graphql", params=QUERY, headers={"Origin": origin}) as got:
        assert got.status == 403

    assert (status, answer["errors"][0]["extensions"]) == (403, {"code": "FORBIDDEN"})


async def test_the_same_origin_passes(graph: Client) -> None:
    """This server's own pages."""
    assert await post(graph, Origin=graph.origin) == (200, ANSWER)


@pytest.mark.parametrize(
    ("site", "status"), [("cross-site", 403), ("same-site", 403), ("same-origin", 200), ("none", 200)]
)
async def test_a_page_elsewhere_cannot_load_a_query_as_a_url(graph: Client, site: str, status: int) -> None:
    """A script or an image sends no Origin, but browsers say where it came from."""
    headers = {"Sec-Fetch-Site": site}
    async with graph.session.get(f"{graph.origin}/graphql", params=QUERY, headers=headers) as response:
        assert response.status == status


async def test_pages_that_were_let_in_may_ask(serve: Serve) -> None:
    """Also the preflight, which carries no token; the answer names the origin."""
    origin = "https://app.example"
    preflight = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type",
    }

    async with serve(cors_origins=(origin,), tokens=TOKENS) as graph:
        address = f"{graph.origin}/graphql"
        async with graph.session.options(address, headers=preflight) as response:
            assert response.status == 200
            assert response.headers["Access-Control-Allow-Origin"] == origin
            assert response.headers["Access-Control-Allow-Headers"] == "authorization,content-type"
        async with graph.session.options(
            address, headers={**preflight, "Origin": "https://evil.example"}
        ) as foreign:
            assert foreign.status == 400
            assert "Access-Control-Allow-Origin" not in foreign.headers
        headers = {"Origin": origin, "Authorization": "Bearer read"}
        async with graph.session.post(address, json=QUERY, headers=headers) as asked:
            assert (asked.status, await asked.json()) == (200, ANSWER)
            assert asked.headers["Access-Control-Allow-Origin"] == origin
        async with graph.session.post(address, json=QUERY, headers={"Origin": origin}) as without:
            assert without.status == 401
            assert without.headers["Access-Control-Allow-Origin"] == origin


async def test_without_a_token_nobody_asks(serve: Serve) -> None:
    """A typed error and WWW-Authenticate; what was sent is not in it."""
    wrong = [None, "Bearer wrong", "Bearer", "Basic read", "read", "Bearer read x"]

    async with serve(tokens=TOKENS) as graph:
        for text in wrong:
            headers = {} if text is None else {"Authorization": text}
            async with graph.session.post(f"{graph.origin}/graphql", json=QUERY, headers=headers) as response:
                assert (response.status, response.headers["WWW-Authenticate"]) == (401, "Bearer")
                assert without_ids(await response.json(), response.headers["X-Request-Id"]) == {
                    "errors": [
                        {
                            "message": "Authentication required: send `Authorization: Bearer <token>`",
                            "extensions": {"code": "UNAUTHENTICATED"},
                        }
                    ]
                }


@pytest.mark.parametrize("authorization", ["Bearer read", "bearer admin"])
async def test_with_a_token_it_works(serve: Serve, authorization: str) -> None:
    """Whoever it is."""
    async with serve(tokens=TOKENS) as graph:
        assert await post(graph, Authorization=authorization) == (200, ANSWER)


@pytest.mark.parametrize("path", ["/", "/healthz", "/readyz"])
async def test_probes_and_the_page_need_no_token(serve: Serve, path: str) -> None:
    """They hold nothing."""
    async with serve(tokens=TOKENS) as graph, graph.session.get(graph.origin + path) as response:
        assert response.status == 200


async def test_health(graph: Client) -> None:
    """Both answers, whole."""
    async with graph.session.get(f"{graph.origin}/healthz") as response:
        assert await response.json() == {"status": "ok"}
    async with graph.session.get(f"{graph.origin}/readyz") as response:
        answer = json.loads(await response.text())

    assert (answer["status"], answer["sources"]["PIXAI"], list(answer["sources"])) == (
        "ready",
        "available",
        ["PIXAI", "MESHY", "MIDJOURNEY"],
    )


def test_origins_have_one_spelling() -> None:
    """As browsers write them; what is none is None."""
    texts = [
        "HTTPS://App.Example:443/",
        "http://[::1]:80",
        "http://a:8000",
        "ftp://a",
        "http://a/b",
        "http://a:x",
        "",
    ]

    assert [origins.origin(text) for text in texts] == [
        "https://app.example",
        "http://[::1]",
        "http://a:8000",
        None,
        None,
        None,
        None,
    ]
