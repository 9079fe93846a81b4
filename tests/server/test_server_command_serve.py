"""`triptych serve`, as a process: what it says, what it survives, how it ends."""

from __future__ import annotations

import asyncio
import re
import signal
import socket
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from sandbox import Sandbox
from sandbox.pixai import vendor_examples
from server.run import listen
from tests.server.process import Triptych

TASK = f"task:pixai:{vendor_examples.SINGLE}"
QUERY = "query ($id: ID!) { task(id: $id) { status } }"
ANSWER = {"data": {"task": {"status": "SUCCEEDED"}}}


async def ask(origin: str, query: str = QUERY, **variables: object) -> Any:
    body = {"query": query, "variables": variables}
    async with aiohttp.ClientSession() as session, session.post(f"{origin}/graphql", json=body) as response:
        return await response.json()


async def until_refused(origin: str) -> None:
    """Connect, until that is an error."""
    while True:
        await ask(origin, "{ __typename }")


def closed_port() -> int:
    """One where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def test_its_first_lines_say_what_is_served_and_a_query_that_works(triptych: Triptych) -> None:
    """Through a pipe, at once; the query is pasted into a shell as it stands. It works a second time."""
    for number in signal.SIGTERM, signal.SIGINT:
        async with triptych.running("serve", "--port", "0", lines=5) as server:
            shell = await asyncio.create_subprocess_shell(
                server.banner[4].removeprefix("Try: "),
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
            )
            answer, _ = await shell.communicate()
            code = await server.stop(number)

        assert server.banner[0].startswith("Triptych serves http://127.0.0.1:")
        assert server.banner[1].startswith("  PixAI: sandbox at http://127.0.0.1:")
        assert b'"status":"SUCCEEDED"' in answer
        assert b'"errors"' not in answer
        assert code == 0


async def test_a_taken_port_is_one_sentence(triptych: Triptych) -> None:
    """Exit code 1."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        ended = await triptych.run("serve", port=str(port))

    assert (ended.code, ended.out, ended.err) == (
        1,
        "",
        f"triptych: cannot listen on 127.0.0.1:{port}: Address already in use; try another --port\n",
    )


async def test_a_sandbox_that_does_not_start_is_one_sentence(
    triptych: Triptych, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit code 1, no traceback; for whatever wants it."""
    (triptych.directory / "sitecustomize.py").write_text(
        "import errno, aiohttp.web\n"
        "async def start(self):\n    raise OSError(errno.EMFILE, 'as asyncio would add to it')\n"
        "aiohttp.web.TCPSite.start = start\n"
    )
    monkeypatch.setenv("PYTHONPATH", f"{triptych.directory}:{Path(__file__).parents[2]}")

    every = await asyncio.gather(
        triptych.run("serve", "--port", "0"), triptych.run("tasks", "--format", "jsonl")
    )

    sentence = "triptych: the sandbox cannot start: Too many open files\n"
    assert [(ended.code, ended.out, ended.err) for ended in every] == [(1, "", sentence)] * 2


async def test_an_address_without_its_key_is_told(triptych: Triptych, box: Sandbox) -> None:
    """On standard error, a line each; the source is not configured."""
    async with triptych.running(
        "serve", lines=5, port="0", pixai_url=box.pixai.url, meshy_url=box.meshy.url, sandbox="off"
    ) as server:
        await server.stop()
        assert server.process.stderr is not None
        said = (await server.process.stderr.read()).decode()

    assert server.banner[1:3] == ["  PixAI: not configured", "  Meshy: not configured"]
    assert said.splitlines() == [
        "TRIPTYCH_PIXAI_URL has no effect without TRIPTYCH_PIXAI_KEY",
        "TRIPTYCH_MESHY_URL has no effect without TRIPTYCH_MESHY_KEY",
    ]


async def test_a_source_that_is_not_there_costs_its_own_fields(triptych: Triptych) -> None:
    """The server starts and says so; the live source stands in the banner, not the sandbox."""
    url = f"http://127.0.0.1:{closed_port()}"

    async with triptych.running("serve", lines=5, port="0", pixai_key="sk-1", pixai_url=url) as server:
        answer = await ask(server.origin, "query ($id: ID!) { __typename task(id: $id) { id } }", id=TASK)
        code = await server.stop()
        assert server.process.stderr is not None
        said = (await server.process.stderr.read()).decode()

    assert server.banner[1] == f"  PixAI: {url}"
    assert answer["data"] == {"__typename": "Query", "task": None}
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["UPSTREAM_UNREACHABLE"]
    unreachable = f"PixAI at {url}: unreachable (PixAI cannot be reached); its fields fail until that changes"
    failed = (
        r"\S+Z WARNING request failed id=\w{32} method=POST path=/graphql status=200 "
        r"codes=UPSTREAM_UNREACHABLE:1 ms=[\d.]+"
    )
    lines = said.splitlines()
    fails = " WARNING source fails server=pixai provider=PIXAI code=UPSTREAM_UNREACHABLE"
    assert (len(lines), unreachable in lines) == (3, True)
    assert any(line.endswith(fails) for line in lines)
    assert any(re.fullmatch(failed, line) for line in lines)
    assert code == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_running_request_is_answered_before_the_end(
    triptych: Triptych, box: Sandbox, number: signal.Signals
) -> None:
    """No new connection meanwhile, the answer whole, exit code 0; the sandbox of the settings was asked."""
    box.pixai.fail("POST /graphql", latency=1.5)

    async with triptych.running(
        "serve", lines=5, port="0", pixai_key=box.pixai.key, pixai_url=box.pixai.url
    ) as server:
        while not box.pixai.requests["POST /graphql"]:  # noqa: ASYNC110 - the check of the start
            await asyncio.sleep(0.01)
        running = asyncio.create_task(ask(server.origin, id=TASK))
        while box.pixai.requests["POST /graphql"] < 2:  # noqa: ASYNC110 - a counter tells nobody
            await asyncio.sleep(0.01)
        server.process.send_signal(number)
        with pytest.raises(aiohttp.ClientConnectionError):
            await until_refused(server.origin)
        was_running = not running.done()
        answer = await running
        code = await server.process.wait()

    assert (was_running, answer, code) == (True, ANSWER, 0)


async def test_an_open_websocket_does_not_hold_up_the_end(triptych: Triptych, box: Sandbox) -> None:
    """It is closed with 1012, service restart."""
    async with (
        triptych.running("serve", lines=5, port="0", sandbox="off") as server,
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{server.origin}/graphql", protocols=["graphql-transport-ws"]) as wire,
    ):
        await wire.send_json({"type": "connection_init"})
        assert await wire.receive_json() == {"type": "connection_ack"}
        server.process.send_signal(signal.SIGTERM)
        await wire.receive()
        code = await server.process.wait()

    assert (wire.close_code, code) == (1012, 0)
    assert server.banner[1:4] == [
        "  PixAI: not configured",
        "  Meshy: not configured",
        "  Midjourney: not configured",
    ]


async def test_an_open_subscription_does_not_hold_up_the_end(triptych: Triptych) -> None:
    """Its task ends with an error that says so, and the stream completes."""
    fields = "task { status } error { code message }"
    query = f'subscription {{ taskUpdated(id: "task:pixai:1900000000000000106") {{ {fields} }} }}'

    async with triptych.running("serve", lines=5, port="0") as server, aiohttp.ClientSession() as session:
        accept = {"Accept": "text/event-stream"}
        address = f"{server.origin}/graphql"
        async with session.post(address, json={"query": query}, headers=accept) as response:
            first = await response.content.readuntil(b"\n\n")
            server.process.send_signal(signal.SIGTERM)
            rest = await response.text()
        code = await server.process.wait()

    assert b'"task":{"status":"QUEUED"},"error":null' in first
    assert '"code":"LIMIT_EXCEEDED","message":"The server is being stopped: subscribe again"' in rest
    assert rest.endswith("event: complete\ndata: \n\n")
    assert code == 0


def test_answers_are_sent_without_delay() -> None:
    """Asyncio sets TCP_NODELAY only on sockets that name their protocol; else a body waits 40 ms."""
    with listen("127.0.0.1", 0) as bound:
        assert bound.proto == socket.IPPROTO_TCP
