"""`triptych sandbox`, `triptych schema` and the help, as processes."""

from __future__ import annotations

import asyncio
import json
import socket
from pathlib import Path

import aiohttp
import pytest
from graphql import build_client_schema, build_schema, print_schema, print_type

import schema
from server import sdl as sdl_forms
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
    """As the committed SDL. Plain tools read the other one: the same types, and no federation."""
    committed = Path(schema.__file__).with_name("schema.graphql").read_text(encoding="utf-8")

    sdl = await triptych.run("schema")
    plain = await triptych.run("schema", "--plain")

    assert (sdl.code, sdl.out, sdl.err) == (0, committed, "")
    assert (plain.code, plain.err) == (0, "")
    read, whole = build_schema(plain.out), build_client_schema(sdl_forms.introspection())
    assert read.query_type is not None
    assert {"Task", "Media", "Seed"} <= read.type_map.keys()
    assert "tasks" in read.query_type.fields
    assert [name for name in ("@key", "@link", "directive ") if name in plain.out] == []
    assert {name: print_type(read.type_map[name]) for name in read.type_map} == {
        name: print_type(found)
        for name, found in whole.type_map.items()
        if name in build_schema(committed, assume_valid=True).type_map
    }


async def test_introspection_leaves_nothing_out(triptych: Triptych) -> None:
    """What a client builds from it has the URLs of scalars, and the input of which one field is given."""
    ended = await triptych.run("schema", "--json")

    found = json.loads(ended.out)["data"]
    types = {one["name"]: one for one in found["__schema"]["types"]}
    client = print_schema(build_client_schema(found))
    assert types["CreateTaskInput"]["isOneOf"] is True
    assert "input CreateTaskInput @oneOf {" in client
    assert 'scalar URL @specifiedBy(url: "https://url.spec.whatwg.org/")' in client
    assert 'scalar DateTime @specifiedBy(url: "https://datatracker.ietf.org/doc/html/rfc3339")' in client
    assert {one["name"]: one["isRepeatable"] for one in found["__schema"]["directives"]}["key"] is True
    assert "isDeprecated" in types["CreateTaskInput"]["inputFields"][0]
    assert "description" in found["__schema"]


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

    assert ended.err == "1\n"


async def test_two_forms_at_once_are_bad_use(triptych: Triptych) -> None:
    """Exit code 2."""
    ended = await triptych.run("schema", "--json", "--plain")

    assert (ended.code, ended.out, ended.err) == (2, "", "triptych: --json and --plain exclude each other\n")


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
