"""`triptych schema` and `triptych schema diff`, as people run them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from graphql import build_client_schema, build_schema, print_schema, print_type

import schema
from server import sdl as sdl_forms
from tests.server.process import Triptych

RELEASED = Path(schema.__file__).with_name("released.graphql")
OLD = """type Query { task(id: ID!, deep: Boolean = true): Task }
type Task { id: ID! status: Status progress: Int! }
enum Status { QUEUED DONE }
input New { a: Int b: Int }
"""


async def test_the_schema_is_printed(triptych: Triptych) -> None:
    """As routers compose it. Plain tools read the other one: the same types, and no federation."""
    sdl = await triptych.run("schema")
    plain = await triptych.run("schema", "--plain")

    assert (sdl.code, sdl.out, sdl.err) == (0, schema.schema.subgraph, "")
    assert (plain.code, plain.err) == (0, "")
    read, whole = build_schema(plain.out), build_client_schema(sdl_forms.introspection())
    assert read.query_type is not None
    assert {"Task", "Media", "Seed"} <= read.type_map.keys()
    assert {"tasks", "node"} <= read.query_type.fields.keys()
    federation = ("@key", "@link", "directive ", "_entities", "_service", "_Any", "_Entity", "_Service")
    assert [name for name in federation if name in plain.out] == []
    assert whole.type_map.keys() - read.type_map.keys() == {"_Any", "_Entity", "_Service"}
    assert {name: print_type(found) for name, found in read.type_map.items() if name != "Query"} == {
        name: print_type(found)
        for name, found in whole.type_map.items()
        if name in read.type_map and name != "Query"
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
    assert {one["name"]: one["isRepeatable"] for one in found["__schema"]["directives"]}["skip"] is False
    assert "isDeprecated" in types["CreateTaskInput"]["inputFields"][0]
    assert "description" in found["__schema"]


async def test_introspection_can_be_plain(triptych: Triptych) -> None:
    """Both options together: what `--plain` prints, as JSON."""
    plain = await triptych.run("schema", "--plain")
    ended = await triptych.run("schema", "--plain", "--json")

    assert (ended.code, ended.err) == (0, "")
    assert print_schema(build_client_schema(json.loads(ended.out)["data"])) == plain.out.rstrip("\n")


async def test_nothing_breaks_clients_of_the_last_release(triptych: Triptych) -> None:
    """What `make check` asks. CONTRIBUTING.md says when schema/released.graphql is renewed."""
    ended = await triptych.run("schema", "diff", str(RELEASED))

    assert ended.code == 0, ended.out
    assert ended.err.startswith("0 breaking, ")


async def test_the_worst_comes_first_for_people(triptych: Triptych) -> None:
    """A table, and a count of each on standard error; of two files, one may be standard input."""
    (triptych.directory / "old.graphql").write_text(OLD)
    new = OLD.replace("progress: Int!", "more: Int").replace("DONE", "DONE LOST").replace("= true", "= false")
    (triptych.directory / "new.graphql").write_text(new)

    ended = await triptych.shell("triptych schema diff old.graphql - < new.graphql")

    assert ended.code == 1
    assert ended.out.splitlines() == [
        "SEVERITY   CHANGE                    DESCRIPTION",
        "breaking   FIELD_REMOVED             Field Task.progress was removed.",
        "dangerous  ARG_DEFAULT_VALUE_CHANGE  Query.task(deep:) has changed defaultValue from true to false.",
        "dangerous  VALUE_ADDED_TO_ENUM       Enum value Status.LOST was added.",
        "safe       FIELD_ADDED               Field Task.more was added.",
    ]
    assert ended.err == "1 breaking, 2 dangerous, 1 safe\n"


async def test_every_form_of_a_schema_is_the_same_schema(triptych: Triptych) -> None:
    """SDL of either kind, introspection with or without its envelope, the committed file."""
    committed = RELEASED.with_name("schema.graphql")
    whole = await triptych.shell(
        f"triptych schema --json | triptych schema diff - {committed}; triptych schema diff {committed}"
    )

    assert (whole.code, whole.out) == (0, "")
    assert whole.err == "0 breaking, 0 dangerous, 0 safe\n" * 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["diff", "missing.graphql"], "triptych: cannot read missing.graphql: No such file or directory\n"),
        (["diff", "."], "triptych: cannot read .: Is a directory\n"),
        (["diff", "huge.graphql"], "triptych: huge.graphql is no schema: it has more than 16777216 bytes\n"),
        (
            ["diff", "query.graphql"],
            "triptych: query.graphql is no schema: there is no type Query\n",
        ),
        (["diff", "binary.graphql"], "triptych: cannot read binary.graphql: it is not UTF-8\n"),
        (["diff", "-", "-"], "triptych: standard input cannot be both schemas\n"),
        (["--plain", "diff", "-"], "triptych: --json and --plain do not belong to `schema diff`\n"),
    ],
)
async def test_wrong_usage_is_told(triptych: Triptych, arguments: list[str], message: str) -> None:
    """Exit code 2, and no row."""
    (triptych.directory / "huge.graphql").write_bytes(b"#" * (16 * 1024 * 1024 + 1))
    (triptych.directory / "query.graphql").write_text("query { a }")
    (triptych.directory / "binary.graphql").write_bytes(b"\xff\xfe")

    ended = await triptych.run("schema", *arguments)

    assert (ended.code, ended.out, ended.err) == (2, "", message)
