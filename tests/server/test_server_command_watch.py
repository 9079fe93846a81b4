"""`triptych watch`: tasks until they have ended; the worst outcome is the exit code."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import pytest

from sandbox import Clock, Sandbox, start
from sandbox.meshy.world import MOVING as MESHY
from sandbox.midjourney.world import MOVING as MIDJOURNEY
from sandbox.pixai import vendor_examples
from sandbox.pixai.world import MOVING as PIXAI
from tests.conftest import Client
from tests.sandbox.requests import START
from tests.server.process import Triptych
from tests.server.test_server_command_check import all_of

DONE = f"task:pixai:{vendor_examples.SINGLE}"
SUCCEEDS, FAILS = (f"task:pixai:{list(PIXAI)[place]}" for place in (1, 2))
IS_CANCELED = f"task:meshy:{list(MESHY)[3]}"
MOVES = f"task:midjourney:{next(iter(MIDJOURNEY))}"


@pytest.fixture
async def box() -> AsyncIterator[Sandbox]:
    """Its clock stands still: a command takes its time to start."""
    async with start(clock=Clock(START)) as served:
        yield served


OUTCOMES = {
    "all succeeded": ([DONE, MOVES], 0),
    "one was canceled": ([DONE, IS_CANCELED], 3),
    "one failed": ([IS_CANCELED, FAILS, SUCCEEDS], 4),
    "one is not there": ([FAILS, "task:pixai:1"], 1),
    "one has no id": ([DONE, "picture"], 1),
}


@pytest.mark.parametrize(("ids", "code"), OUTCOMES.values(), ids=OUTCOMES)
async def test_the_worst_outcome_is_the_exit_code(
    triptych: Triptych, graph: Client, box: Sandbox, ids: list[str], code: int
) -> None:
    """Over a running server; each id's last line says how it ended."""
    box.clock.advance(1000)

    ended = await triptych.run("watch", *ids, "--server", graph.origin)

    lines = [line.split("  ") for line in ended.out.splitlines()]
    assert {line[0] for line in lines} == set(ids)
    assert (ended.code, ended.err) == (code, "")


async def test_scripts_get_every_update_as_json(triptych: Triptych, box: Sandbox) -> None:
    """Without a server: the command asks the sources itself."""
    running = await triptych.start("watch", SUCCEEDS, SUCCEEDS, "--json", **all_of(box))
    assert running.stdout is not None
    first = json.loads(await running.stdout.readline())
    box.clock.advance(1000)
    later = [json.loads(line) for line in (await running.stdout.read()).splitlines()]
    await running.communicate()

    assert (first["taskId"], first["task"]["status"]) == (SUCCEEDS, "QUEUED")
    assert later[-1] == {
        "taskId": SUCCEEDS,
        "isDeleted": False,
        "error": None,
        "task": {
            "id": SUCCEEDS,
            "provider": "PIXAI",
            "status": "SUCCEEDED",
            "progress": None,
            "isTerminal": True,
            "failure": None,
            "media": later[-1]["task"]["media"],
        },
    }
    assert len(later[-1]["task"]["media"]) == 4
    assert running.returncode == 0


async def test_a_connection_that_breaks_is_made_again(
    triptych: Triptych, graph: Client, box: Sandbox
) -> None:
    """For what has not ended; a proxy in front of the server hangs up once."""
    host, _, port = graph.origin.removeprefix("http://").partition(":")
    connections = 0

    async def forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        to_server, from_server = None, None
        try:
            from_server, to_server = await asyncio.open_connection(host, int(port))
            to_server.write(await reader.readuntil(b"}}"))
            while piece := await from_server.read(65536):
                writer.write(piece)
                if connections == 1 and b"event: next" in piece:
                    break
        finally:
            writer.close()
            if to_server is not None:
                to_server.close()

    async with await asyncio.start_server(forward, "127.0.0.1", 0) as proxy:
        address = f"http://127.0.0.1:{proxy.sockets[0].getsockname()[1]}"
        running = await triptych.start("watch", SUCCEEDS, "--server", address)
        assert running.stdout is not None
        await running.stdout.readline()
        box.clock.advance(1000)
        out, err = await running.communicate()

    assert out.decode().splitlines()[-1] == f"{SUCCEEDS}  SUCCEEDED  -"
    assert (running.returncode, err) == (0, b"")
    assert connections == 2


async def test_a_server_that_is_not_there(triptych: Triptych) -> None:
    """After some attempts, one sentence and exit code 1."""
    ended = await triptych.run("watch", DONE, "--server", "http://127.0.0.1:1")

    assert (ended.code, ended.out) == (1, "")
    assert ended.err == "triptych: http://127.0.0.1:1 cannot be reached: Connection refused\n"


async def test_wrong_usage(triptych: Triptych) -> None:
    """No id at all."""
    ended = await triptych.run("watch")

    assert (ended.code, ended.out) == (2, "")
