"""How fast the command line starts, what it starts without, and what it says about a broken environment."""

from __future__ import annotations

import asyncio
import json
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

import pytest

from server import packages
from server.cli.app import app
from tests.server.process import COMMAND, Ended, Triptych

ROOT = Path(__file__).parents[2]
COMMANDS = [command.name for command in app.registered_commands]

# runs the command, then prints what it has imported
IMPORTS = """
import json, sys
from server.cli import main
try:
    main()
except SystemExit as ended:
    print(json.dumps([ended.code, sorted(sys.modules)]), file=sys.stderr)
"""
# what help may import: typer and what it imports itself (pydantic where it is installed), two JSON parsers
LIBRARIES = {
    *("typer", "shellingham", "typing_extensions", "annotated_doc"),
    *("pydantic", "pydantic_core", "annotated_types", "typing_inspection"),
    *("orjson", "jiter"),
}
OWN = {"loaders", "server"}
RECORDS = {"coerce", "errors", "exact_json", "records"}

# what a machine without Pillow answers to `import PIL`
BLOCKED = """
import sys
sys.modules["PIL"] = None
from server.cli import main
main()
"""


async def python(program: str, *arguments: str, **environ: str) -> Ended:
    """Run a program of the test's own with the command's arguments, in the project's root."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", program, *arguments), cwd=ROOT, env=environ, stdout=PIPE, stderr=PIPE
    )
    out, err = await process.communicate()
    assert process.returncode is not None
    return Ended(process.returncode, out.decode(), err.decode())


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], *([name, "--help"] for name in COMMANDS)])
async def test_help_imports_no_server(arguments: list[str]) -> None:
    """0.2 s of CPU instead of 1.0: no schema, no sandbox, no library but typer."""
    ended = await python(IMPORTS, *arguments)

    code, imported = json.loads(ended.err)
    roots = {name.partition(".")[0] for name in imported if not name.startswith("_")}
    assert (code, roots - sys.stdlib_module_names - OWN - LIBRARIES) == (0, set())
    assert {name.removeprefix("loaders.") for name in imported if name.startswith("loaders.")} <= RECORDS
    assert len(imported) < 400  # of the 1,100 that a server imports


async def test_the_version_is_that_of_the_project(triptych: Triptych) -> None:
    """As pyproject.toml has it."""
    ended = await triptych.run("--version")

    version = ended.out.removeprefix("triptych ").strip()
    assert (ended.code, ended.err) == (0, "")
    assert f'\nversion = "{version}"\n' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")


async def test_shells_complete_its_words(triptych: Triptych) -> None:
    """Commands and options, in the form that bash reads."""
    environ = {"_TRIPTYCH_COMPLETE": "complete_bash", "COMP_CWORD": "1"}
    words = []
    for line in "triptych s", "triptych --ver":
        process = await asyncio.create_subprocess_exec(
            COMMAND, env={**environ, "COMP_WORDS": line}, stdout=PIPE, cwd=triptych.directory
        )
        out, _ = await process.communicate()
        words.append(out.decode().split())

    assert words == [["serve", "sandbox", "schema"], ["--version"]]


async def test_a_server_of_live_sources_needs_no_pillow(triptych: Triptych) -> None:
    """It answers; the sandbox says in one sentence what to install."""
    source = {"TRIPTYCH_PIXAI_KEY": "sk-1", "TRIPTYCH_PIXAI_URL": "http://127.0.0.1:1"}

    live = await python(BLOCKED, "media", "nonsense", "--format", "jsonl", **source)
    asked = await asyncio.gather(
        python(BLOCKED, "serve", "--port", "0"),
        python(BLOCKED, "media", "pixai:1", "--format", "jsonl", TRIPTYCH_SANDBOX="fill", **source),
        python(BLOCKED, "sandbox", "--pixai-port", "0"),
    )

    sentence = "triptych: the sandbox cannot start: Pillow is not installed; run `pip install pillow`\n"
    assert (live.code, json.loads(live.out)["status"]) == (1, "INVALID_ID")
    assert [(ended.code, ended.out, ended.err) for ended in asked] == [(1, "", sentence)] * 3


@pytest.mark.parametrize(
    ("name", "form"),
    [*((name, "{name}.py") for name in packages.NAMES if name != "server"), ("schema", "{name}/__init__.py")],
)
async def test_another_package_of_the_same_name_is_one_sentence(
    triptych: Triptych, monkeypatch: pytest.MonkeyPatch, name: str, form: str
) -> None:
    """`schema` is on PyPI, too; nothing of the other one runs."""
    other = triptych.directory / form.format(name=name)
    other.parent.mkdir(exist_ok=True)
    other.write_text("raise AssertionError('it ran')")
    monkeypatch.setenv("PYTHONPATH", str(triptych.directory))

    ended = await triptych.run("schema", "--plain")

    found = other.parent if other.name == "__init__.py" else other
    assert (ended.code, ended.out, ended.err) == (
        1,
        "",
        f"triptych: `import {name}` finds {found} instead of {ROOT / name}; "
        "install Triptych into an environment of its own, and take the other out of PYTHONPATH\n",
    )


async def test_a_folder_of_the_same_name_is_no_package(
    triptych: Triptych, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Python goes on looking for a real one."""
    (triptych.directory / "schema").mkdir()
    monkeypatch.setenv("PYTHONPATH", str(triptych.directory))

    ended = await triptych.run("--version")

    assert (ended.code, ended.err) == (0, "")


def test_the_names_that_are_looked_for_are_those_that_are_installed() -> None:
    """Every top-level package of the project."""
    found = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "benchmarks"}

    assert set(packages.NAMES) == found
