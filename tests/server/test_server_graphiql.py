"""GraphiQL from this server alone: its files, and that they are those of the npm packages."""

from __future__ import annotations

import gzip
import json
import re
from base64 import b64encode
from hashlib import sha256

from server.access.tokens import Token
from tests.conftest import Client, Serve
from tests.vendored import FILES, HERE, INDEX, LICENCES, TARGET

BROWSER = {"Accept": "text/html,*/*;q=0.8", "Accept-Encoding": "gzip"}
LARGEST = 512 * 1024  # bytes of all that is committed
LINKED = re.compile(r'(?:src|href)="(?P<path>[^"]+)" integrity="sha256-(?P<hash>[^"]+)"')


async def test_the_page_loads_nothing_from_elsewhere(graph: Client) -> None:
    """Each script and style comes from this server, holds what the page says, and may be kept for ever."""
    async with graph.session.get(f"{graph.origin}/graphql?q=x", headers=BROWSER) as response:
        html = await response.text()
    files = LINKED.findall(html)
    kinds, sizes = [], 0
    for path, digest in files:
        async with graph.session.get(graph.origin + path, headers=BROWSER) as response:
            content = await response.read()
            assert (response.status, response.headers["Content-Encoding"]) == (200, "gzip")
            assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
            assert b64encode(sha256(content).digest()).decode() == digest
            kinds.append(response.content_type)
            sizes += int(response.headers["Content-Length"])

    assert kinds == ["text/css"] * 3 + ["text/javascript"] * 5
    assert sizes < LARGEST
    assert re.findall(r"https?:[^'\"]*", html) == ["http://www.w3.org/2000/svg"]
    assert len(set(re.findall(r'nonce="([^"]+)"', html))) == 1


async def test_a_client_without_gzip_gets_the_files_as_they_are(graph: Client) -> None:
    """And a file that is none is a 404."""
    async with graph.session.get(f"{graph.origin}/graphql?q=x", headers=BROWSER) as response:
        path, digest = LINKED.findall(await response.text())[0]
    plain = {"Accept-Encoding": "identity"}
    async with graph.session.get(graph.origin + path, headers=plain) as response:
        assert b64encode(sha256(await response.read()).digest()).decode() == digest
    for name in "graphiql.js", "..%2fgraphiql.py", "x":
        async with graph.session.get(f"{graph.origin}/graphiql/{name}") as response:
            assert response.status == 404


async def test_each_page_has_a_nonce_of_its_own(graph: Client) -> None:
    """And its scripts are those that have it."""
    nonces = set()
    for _ in range(3):
        async with graph.session.get(f"{graph.origin}/graphql?q=x", headers=BROWSER) as response:
            [nonce] = set(re.findall(r'nonce="([^"]+)"', await response.text()))
            assert f"script-src 'nonce-{nonce}'" in response.headers["Content-Security-Policy"]
            nonces.add(nonce)

    assert len(nonces) == 3


async def test_a_browser_opens_it_without_a_token_and_asks_with_one(serve: Serve) -> None:
    """The page holds nothing; a query still needs the token, and an address that holds one is a query."""
    tokens = (Token.parse(f"anna:read:{sha256(b'secret').hexdigest()}"),)
    async with serve(tokens=tokens) as graph:
        statuses = []
        for path in ("/graphql?q=x", "/graphql?query={__typename}", "/graphql?documentId=a"):
            async with graph.session.get(graph.origin + path, headers=BROWSER) as response:
                statuses.append(response.status)
        async with graph.session.post(f"{graph.origin}/graphql?q=x", headers=BROWSER, json={}) as response:
            statuses.append(response.status)
    async with (
        serve(tokens=tokens, introspection=False) as graph,
        graph.session.get(f"{graph.origin}/graphql?q=x", headers=BROWSER) as response,
    ):
        statuses.append(response.status)

    assert statuses == [200, 401, 401, 401, 401]


def test_the_files_are_those_of_the_packages() -> None:
    """By their hashes, and at the versions that the lock names: `make graphiql` writes them anew."""
    index = json.loads(INDEX.read_text(encoding="utf-8"))
    lock = json.loads((HERE / "package-lock.json").read_text(encoding="utf-8"))["packages"]

    assert {path.name for path in TARGET.iterdir()} == {
        *(f"{name}.gz" for name in FILES),
        INDEX.name,
        LICENCES.name,
    }
    for name, (package, path) in FILES.items():
        content = gzip.decompress((TARGET / f"{name}.gz").read_bytes())
        version = lock[f"node_modules/{package}"]["version"]
        assert index[name]["sha256"] == sha256(content).hexdigest(), "make graphiql"
        assert (index[name]["package"], index[name]["path"]) == (f"{package}@{version}", path)
        assert name.endswith(".css") or index[name]["original"] == index[name]["sha256"]
        assert f"{package}@{version}" in LICENCES.read_text(encoding="utf-8")


def test_the_lock_has_a_hash_for_each_package_and_no_address() -> None:
    """Whoever renews the files gets the same."""
    lock = json.loads((HERE / "package-lock.json").read_text(encoding="utf-8"))["packages"]

    assert all("integrity" in one and "resolved" not in one for name, one in lock.items() if name)
