"""Every request has an id, and one line in the log if it was refused or failed."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import re
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import pytest

from sandbox import Sandbox
from server import logs
from server.access.tokens import Token
from server.logs import LogForm
from server.request_trace import MOST_OPERATIONS
from tests.conftest import Client, Serve
from tests.server.process import Triptych
from tests.server.sockets import opened

TOKENS = (Token.parse(f"anna:read:{sha256(b'secret').hexdigest()}"),)
PROMPT = "a-secret-prompt"


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What is logged, as JSON."""
    root, server = logging.root, logging.getLogger("server")
    before = root.handlers, root.level, server.level
    stream = io.StringIO()
    logs.configure(LogForm.JSON, stream)
    yield stream
    root.handlers, level, server.level = before
    root.setLevel(level)


def written(stream: io.StringIO) -> list[dict[str, Any]]:
    """The lines, without what is another each time."""
    found = [json.loads(line) for line in stream.getvalue().splitlines()]
    for line in found:
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line.pop("time"))
        line.pop("ms", None)
    return found


GIVEN = ["a", "7f3e-41.b:c/d+e=@_", "x" * 128]
NOT_TAKEN = ["", "x" * 129, "a b", "é", "<script>", "a\tb", '"']


async def test_an_id_is_taken_or_made_and_given_back(graph: Client) -> None:
    """One that could break a log or a page is replaced."""
    found = []
    for given in [*GIVEN, *NOT_TAKEN]:
        headers = {"X-Request-Id": given}
        async with graph.session.get(f"{graph.origin}/nothing", headers=headers) as response:
            answer = await response.json()
            found.append(response.headers["X-Request-Id"])
            assert answer["errors"][0]["extensions"]["requestId"] == found[-1]

    assert found[: len(GIVEN)] == GIVEN
    assert all(re.fullmatch(r"[0-9a-f]{32}", one) for one in found[len(GIVEN) :])
    assert len(set(found)) == len(found)


async def test_every_kind_of_answer_has_it(serve: Serve) -> None:
    """Data, refusals, redirects, pages, events, preflights."""
    origin = "https://app.example"
    async with serve(cors_origins=(origin,)) as graph:
        asked: list[tuple[str, str, dict[str, str]]] = [
            ("GET", "/graphql?query={__typename}", {}),
            ("GET", "/graphql?query={__typename}", {"Accept": "text/event-stream"}),
            ("GET", "/", {"Host": "evil.example"}),
            ("GET", "/graphql", {"Accept": "text/html"}),
            ("OPTIONS", "/graphql", {"Origin": origin, "Access-Control-Request-Method": "POST"}),
            ("GET", "/media/media:pixai:1", {"Origin": origin}),
        ]
        statuses = []
        for number, (method, path, headers) in enumerate(asked):
            address, named = graph.origin + path, {**headers, "X-Request-Id": f"r{number}"}
            async with graph.session.request(method, address, headers=named, allow_redirects=False) as got:
                assert got.headers["X-Request-Id"] == f"r{number}"
                statuses.append(got.status)

    assert statuses == [200, 200, 400, 302, 200, 404]


async def test_one_line_for_each_that_was_refused_or_failed(
    serve: Serve, box: Sandbox, lines: io.StringIO
) -> None:
    """With its codes and their number; none for what went well, none with anything that was sent."""
    query = (
        "query ($a: ID!, $b: ID!) { a: task(id: $a) { id } b: task(id: $b) { id } c: task(id: $b) { id } }"
    )
    asked = {"query": query, "variables": {"a": PROMPT, "b": "pixai:1"}}
    box.pixai.fail("*", status=402)
    async with serve(tokens=TOKENS) as graph:
        address = f"{graph.origin}/graphql"
        token = {"Authorization": "Bearer secret"}
        for number, headers in enumerate([token, {}, {"Authorization": f"Bearer {PROMPT}"}]):
            named = {**headers, "X-Request-Id": f"r{number}"}
            async with graph.session.post(address, json=asked, headers=named) as response:
                await response.read()
        async with graph.session.post(address, json={"query": "{ __typename }"}, headers=token) as response:
            await response.read()
        hidden = f"{graph.origin}/https:%2f%2fa.example%2f{PROMPT}?Signature={PROMPT}"
        async with graph.session.get(hidden, headers={"X-Request-Id": "r3", **token}) as response:
            await response.read()

    post = {"method": "POST", "path": "/graphql"}
    refused = {"level": "INFO", "event": "request refused"}
    assert written(lines) == [
        {
            **{"level": "WARNING", "event": "request failed", "id": "r0", **post, "status": 200},
            "codes": "INVALID_ID:1,UPSTREAM_OUT_OF_CREDIT:2",
        },
        {**refused, "id": "r1", **post, "status": 401, "codes": "UNAUTHENTICATED:1"},
        {**refused, "id": "r2", **post, "status": 401, "codes": "UNAUTHENTICATED:1"},
        {**refused, "id": "r3", "method": "GET", "path": "(unknown)", "status": 404, "codes": "NOT_FOUND:1"},
    ]
    assert PROMPT not in lines.getvalue()


async def test_a_websocket_has_a_line_for_each_operation(graph: Client, lines: io.StringIO) -> None:
    """Under the id of its handshake."""
    address = graph.origin.replace("http", "ws", 1) + "/graphql"
    headers = {"X-Request-Id": "socket"}
    async with graph.session.ws_connect(
        address, protocols=["graphql-transport-ws"], headers=headers
    ) as opened:
        await opened.send_json({"type": "connection_init"})
        await opened.receive_json()
        ids = []
        for query in "{ nothing }", '{ task(id: "x") { id } }', "{ __typename }":
            await opened.send_json({"type": "subscribe", "id": "1", "payload": {"query": query}})
            message = await opened.receive_json()
            errors = (
                message["payload"] if message["type"] == "error" else message["payload"].get("errors", [])
            )
            ids += [error["extensions"]["requestId"] for error in errors]
            if message["type"] == "next":
                assert await opened.receive_json() == {"type": "complete", "id": "1"}

    found = [(line["id"], line["method"], line["codes"]) for line in written(lines)]
    assert ids == ["socket", "socket"]
    assert found == [
        ("socket", "WEBSOCKET", "GRAPHQL_VALIDATION_FAILED:1"),
        ("socket", "WEBSOCKET", "INVALID_ID:1"),
    ]


async def test_a_bug_can_be_read_by_a_page_and_by_its_id_in_the_log(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, lines: io.StringIO
) -> None:
    """CORS headers stand on a 500 too; the traceback is one line of JSON, without what opens a door."""

    async def broken(*_: object) -> None:
        raise RuntimeError("see https://pictures.example/a.png?Signature=abc")

    monkeypatch.setattr("server.health.Health.ready", broken)
    origin = "https://app.example"
    async with serve(cors_origins=(origin,)) as graph:
        headers = {"Origin": origin, "X-Request-Id": "bug"}
        async with graph.session.get(f"{graph.origin}/readyz", headers=headers) as response:
            allowed = response.headers["Access-Control-Allow-Origin"]
            exposed = response.headers["Access-Control-Expose-Headers"]

    bug, request = written(lines)
    assert (response.status, allowed, exposed) == (500, origin, "Retry-After, X-Request-Id")
    assert (bug["level"], "RuntimeError" in bug["event"], "Signature" in bug["event"]) == (
        "ERROR",
        True,
        False,
    )
    assert (request["id"], request["status"], request["codes"]) == ("bug", 500, "INTERNAL:1")


def test_a_library_that_logs_an_exception_shows_no_secret(lines: io.StringIO) -> None:
    """Whoever logs it."""
    try:
        raise ValueError("Bearer sk-1234567890abcdef")
    except ValueError:
        logging.getLogger("asyncio").exception("Task exception was never retrieved")

    (line,) = written(lines)
    assert ("ValueError" in line["event"], "sk-1234567890abcdef" in line["event"]) == (True, False)


@pytest.mark.parametrize(
    ("form", "pattern"),
    [
        (
            "text",
            r"\S+Z INFO request refused id=r method=GET path=\(unknown\) status=404 codes=NOT_FOUND:1 ms=.*",
        ),
        ("json", r'\{"time":"\S+Z","level":"INFO","event":"request refused","id":"r",.*\}'),
        ("off", ""),
    ],
)
async def test_the_form_is_a_setting(triptych: Triptych, form: str, pattern: str) -> None:
    """On standard error; off is silence."""
    async with triptych.running("serve", lines=5, port="0", sandbox="off", log=form) as server:
        curl = f"curl -s -H 'X-Request-Id: r' {server.origin}/nothing"
        asked = await asyncio.create_subprocess_shell(curl, stdout=asyncio.subprocess.PIPE)
        await asked.communicate()
        await server.stop()
        assert server.process.stderr is not None
        said = (await server.process.stderr.read()).decode()

    assert re.fullmatch(pattern + ("\n" if pattern else ""), said)


async def test_a_websocket_that_asks_nonsense_all_day_does_not_fill_the_log(
    serve: Serve, lines: io.StringIO
) -> None:
    """Twenty lines, and one for the rest when it is closed."""
    async with serve() as graph, opened(graph) as socket:
        for _ in range(200):
            await socket.ask({"query": "{ nothing }"})

    codes = [line["codes"] for line in written(lines)]
    assert codes == ["GRAPHQL_VALIDATION_FAILED:1"] * MOST_OPERATIONS + ["GRAPHQL_VALIDATION_FAILED:180"]
