"""`triptych sandbox`, `triptych schema` and the help, as processes."""

from __future__ import annotations

import asyncio
import json
import socket
from pathlib import Path

import aiohttp
import pytest

import schema
from tests.server.process import Triptych

PORTS = ["--pixai-port", "0", "--meshy-port", "0", "--newapi-port", "0", "--mj-port", "0"]


async def test_its_lines_are_settings_that_work(triptych: Triptych) -> None:
    """Written into `.env` they point Triptych at it; a fault is in force from the start."""
    fault = "POST /graphql: status=402"

    async with triptych.running("sandbox", *PORTS, "--fault", fault, lines=5) as served:
        pixai = dict(word.split("=", 1) for word in served.banner[1].split())
        (triptych.directory / ".env").write_text("\n".join(" ".join(served.banner[1:]).split()))
        ended = await triptych.run("media", "pixai:1", "--format", "jsonl")
        address = f"{pixai['TRIPTYCH_PIXAI_URL']}/_sandbox/faults"
        async with aiohttp.ClientSession() as session, session.delete(address) as healed:
            assert healed.status == 204
        again = await triptych.run("media", "pixai:1", "--format", "jsonl")
        code = await served.stop()

    told = [
        word.partition("=")[0].removeprefix("TRIPTYCH_")
        for line in served.banner[1:]
        for word in line.split()
    ]
    assert told == [
        *("PIXAI_URL", "PIXAI_KEY", "MESHY_URL", "MESHY_KEY"),
        *("NEWAPI_URL", "NEWAPI_TOKEN", "NEWAPI_USER", "MJ_URL", "MJ_KEY", "MJ_AUTH"),
    ]
    assert [json.loads(one.out)["status"] for one in (ended, again)] == [
        "UPSTREAM_OUT_OF_CREDIT",
        "NOT_FOUND",
    ]
    assert code == 0


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        ("POST /graphql: nonsense=1", "triptych: --fault 'POST /graphql: nonsense=1': "),
        (
            "GET /nowhere: status=500",
            "triptych: --fault 'GET /nowhere: status=500': there is no such route; ",
        ),
    ],
)
async def test_a_wrong_fault_is_one_sentence(triptych: Triptych, fault: str, sentence: str) -> None:
    """Exit code 2, no traceback."""
    ended = await triptych.run("sandbox", *PORTS, "--fault", fault)

    assert (ended.code, ended.out, ended.err.startswith(sentence), ended.err.count("\n")) == (2, "", True, 1)


async def test_a_taken_port_is_one_sentence(triptych: Triptych) -> None:
    """Exit code 1."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])

        ended = await triptych.run("sandbox", *PORTS, "--pixai-port", port)

    assert (ended.code, ended.out) == (1, "")
    assert ended.err.startswith("triptych: cannot listen on 127.0.0.1: ")
    assert ended.err.count("\n") == 1


async def test_the_schema_is_printed(triptych: Triptych) -> None:
    """As the committed SDL, and as introspection."""
    committed = Path(schema.__file__).with_name("schema.graphql").read_text(encoding="utf-8")

    sdl = await triptych.run("schema")
    introspection = await triptych.run("schema", "--json")

    assert (sdl.code, sdl.out, sdl.err) == (0, committed, "")
    assert json.loads(introspection.out) == {"data": json.loads(json.dumps(schema.schema.introspect()))}


async def test_help_reads_well(triptych: Triptych) -> None:
    """On 80 columns, in plain text, for every command."""
    commands = [[], ["serve"], ["sandbox"], ["media"], ["schema"]]

    every = await asyncio.gather(*(triptych.run(*command, "--help") for command in commands))

    assert [(ended.code, ended.err, "\x1b" in ended.out) for ended in every] == [(0, "", False)] * 5
    assert max(len(line) for ended in every for line in ended.out.splitlines()) <= 80


async def test_bad_use_is_told(triptych: Triptych) -> None:
    """Exit code 2, no traceback."""
    wrong = [["serve", "--prot", "1"], ["nonsense"], ["media", "--format", "xml", "a"]]

    every = await asyncio.gather(*(triptych.run(*arguments) for arguments in wrong))

    assert [(ended.code, ended.out, "Traceback" in ended.err) for ended in every] == [(2, "", False)] * 3
