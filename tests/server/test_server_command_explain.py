"""`triptych explain`: what a frontend developer asks before a query is shipped."""

from __future__ import annotations

import json
import re
from pathlib import Path

from tests.documents import ROOT
from tests.server.process import Triptych

ENGINE = (ROOT / "docs" / "engine.md").read_text(encoding="utf-8")


async def test_the_picture_in_the_documentation(triptych: Triptych) -> None:
    """It is what the command prints. To repair: print it again."""
    found = re.search(r"```graphql\n(.*?)```\n\n<!-- explain -->\n```text\n(.*?)```", ENGINE, re.DOTALL)
    assert found is not None

    ended = await triptych.shell(f"triptych explain - <<'END'\n{found[1]}END\n")

    assert (ended.code, ended.err + ended.out) == (0, found[2])


async def test_steps_for_programs(triptych: Triptych, tmp_path: Path) -> None:
    """A file, variables, one of two operations; lines of JSON on standard output alone."""
    file = tmp_path / "query.graphql"
    file.write_text("query A { __typename } query B($id: ID!) { media(id: $id) { url } }")
    wanted = ("--variables", '{"id": "pixai:1"}', "--operation", "B", "--format", "jsonl")

    ended = await triptych.run("explain", str(file), *wanted)

    assert [json.loads(line) for line in ended.out.splitlines()] == [
        {"wave": 1, "loads": "media PIXAI", "keys": 1, "calls": 1, "fields": ["Query.media"]}
    ]
    assert ended.err == "waves: 1; at most 2 fields of 30,000 and 1 upstream calls of 2,500\n"


async def test_a_real_run(triptych: Triptych) -> None:
    """Over the sandbox here; an error of the run is told by the exit code."""
    query = '{ media(id: "pixai:459604023097100648") { id } a: media(id: "?") { id } }'

    ended = await triptych.shell(f"echo '{query}' | triptych explain - --run")

    assert ended.code == 1
    assert ended.err.splitlines() == [
        "answers come from the sandbox: PixAI, Meshy, Midjourney",
        "upstream calls made: 1; errors: 1",
        "waves: 1; at most 4 fields of 30,000 and 1 upstream calls of 2,500",
        "triptych: 1:48: Invalid id '?': expected media:<pixai|meshy|midjourney>:<key>",
    ]


async def test_a_run_without_a_plan_is_none(triptych: Triptych) -> None:
    """Nothing is written, and nobody thinks that it was."""
    write = 'mutation { cancelTask(id: "pixai:1") { task { id } } }'

    ended = await triptych.shell(f"echo '{write}' | triptych explain - --run")

    assert (ended.code, ended.err.splitlines()[1:]) == (
        1,
        [
            "not executed",
            "no plan (only queries have plans); at most 3 fields of 30,000 and 2 upstream calls of 2,500",
        ],
    )


async def test_what_cannot_be_explained(triptych: Triptych, tmp_path: Path) -> None:
    """A document that is refused, a file that is not there, variables that are none."""
    refused = await triptych.shell("echo '{ nothing }' | triptych explain -")
    missing = await triptych.run("explain", str(tmp_path / "nothing"))
    binary = await triptych.shell("printf '\\377' | triptych explain -")
    wrong = await triptych.shell("echo '{ a }' | triptych explain - --variables 5")

    assert (refused.code, refused.err) == (
        1,
        "triptych: 1:3: Cannot query field 'nothing' on type 'Query'.\n",
    )
    assert (missing.code, missing.err) == (
        2,
        f"triptych: cannot read {tmp_path / 'nothing'}: No such file or directory\n",
    )
    assert (binary.code, binary.err) == (2, "triptych: cannot read -: expected UTF-8 text\n")
    assert (wrong.code, "expected a JSON object" in wrong.err) == (2, True)
