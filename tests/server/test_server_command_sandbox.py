"""`triptych sandbox`, `triptych schema` and the help, as processes."""

from __future__ import annotations

import asyncio
import json
import socket
from pathlib import Path

import aiohttp
import pytest

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


NO_WRITING = [
    ("schema > /dev/full", "No space left on device"),
    ("schema --json >&-", "it is closed"),
    ("--help > /dev/full", "No space left on device"),
    ("media pixai:1 > /dev/full", "No space left on device"),
    ("media pixai:1 --format csv >&-", "it is closed"),
    ("media --from - > /dev/full < ids", "No space left on device"),
    ("tasks --limit 3 --format jsonl > /dev/full", "No space left on device"),
    ("tasks --limit 3 >&-", "it is closed"),
    ("serve --port 0 > /dev/full", "No space left on device"),
    (f"sandbox {' '.join(PORTS)} > /dev/full", "No space left on device"),
]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device here")
@pytest.mark.parametrize(("text", "why"), NO_WRITING)
async def test_what_cannot_be_written_is_one_sentence(triptych: Triptych, text: str, why: str) -> None:
    """Exit code 1, no traceback, and nothing more when the process ends."""
    (triptych.directory / "ids").write_text("".join(f"pixai:{number}\n" for number in range(2_000)))

    ended = await triptych.shell(f"triptych {text}")

    told = [line for line in ended.err.splitlines() if line.startswith("triptych: ")]
    assert (ended.code, told) == (1, [f"triptych: standard output cannot be written: {why}"])
    assert "Traceback" not in ended.err
    assert "Exception ignored" not in ended.err
    assert ended.err.endswith(told[0] + "\n")


async def test_a_reader_that_leaves_is_no_news(triptych: Triptych) -> None:
    """Not even where all of the output is still to be written when it goes."""
    ended = await triptych.shell("{ sleep 2; triptych schema --json; echo $? >&2; } | true")

    assert ended.err == "0\n"


async def test_help_reads_well(triptych: Triptych) -> None:
    """On 80 columns, in plain text, for every command."""
    names = ("serve", "sandbox", "media", "tasks", "download", "check", "schema")
    commands = [[], *([name] for name in names)]

    every = await asyncio.gather(*(triptych.run(*command, "--help") for command in commands))

    assert [(ended.code, ended.err, "\x1b" in ended.out) for ended in every] == [(0, "", False)] * len(
        commands
    )
    assert max(len(line) for ended in every for line in ended.out.splitlines()) <= 80


async def test_bad_use_is_told(triptych: Triptych) -> None:
    """Exit code 2, no traceback."""
    wrong = [["serve", "--prot", "1"], ["nonsense"], ["media", "--format", "xml", "a"]]

    every = await asyncio.gather(*(triptych.run(*arguments) for arguments in wrong))

    assert [(ended.code, ended.out, "Traceback" in ended.err) for ended in every] == [(2, "", False)] * 3
