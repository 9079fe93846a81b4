"""How fast the command line starts, what it starts without, and what it says about a broken environment."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

import pytest

from sandbox import Sandbox
from sandbox.pixai import vendor_examples
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
RECORDS = {"coerce", "errors", "exact_json", "record", "records"}

# what a machine without Pillow answers to `import PIL`
BLOCKED = """
import sys
sys.modules["PIL"] = None
from server.cli import main
main()
"""


@pytest.fixture
def triptych(tmp_path: Path) -> Triptych:
    """As people start it, imports included."""
    return Triptych(tmp_path)


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


# Ctrl-C at the moment when a module is imported
INTERRUPTED = """
import os, signal, sys
class Interrupt:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Interrupt())
from server.cli import main
main()
"""


@pytest.mark.parametrize(
    "module", ["server.packages", "typer", "server.cli.app", "server.settings", "schema.graph", "sandbox"]
)
async def test_an_interrupt_while_it_starts_leaves_no_traceback(module: str) -> None:
    """Whatever it is importing; it ends as interrupted commands do."""
    ended = await python(INTERRUPTED.format(module=module), "serve", "--port", "0")

    assert (ended.out, ended.err) == ("", "")
    assert ended.code in {-signal.SIGINT, 130}


async def test_an_interrupt_while_it_works_closes_what_is_open(triptych: Triptych, box: Sandbox) -> None:
    """Exit code 130, nothing on standard error."""
    box.pixai.fail("POST /graphql", latency=60)
    source = {"pixai_url": box.pixai.url, "pixai_key": box.pixai.key}

    process = await triptych.start("media", "pixai:1", "--format", "jsonl", **source)
    while not box.pixai.requests["POST /graphql"]:  # noqa: ASYNC110 - a counter tells nobody
        await asyncio.sleep(0.01)
    process.send_signal(signal.SIGINT)
    out, err = await process.communicate()

    assert (process.returncode, out, err) == (130, b"", b"")


@pytest.mark.parametrize(
    ("option", "value", "reason"),
    [
        ("--port", "99999", "99999 is not a port: expected 0 to 65535"),
        ("--port", "-1", "-1 is not a port: expected 0 to 65535"),
        ("--port", "x", "Input should be a valid integer"),
        ("--host", "a b", "'a b' is not a host name or address"),
    ],
)
async def test_a_wrong_option_is_not_blamed_on_a_setting(
    triptych: Triptych, option: str, value: str, reason: str
) -> None:
    """It is named itself, with what is wrong."""
    ended = await triptych.run("serve", option, value)

    assert (ended.code, ended.out) == (2, "")
    assert f"Invalid value for '{option}': {reason}" in ended.err
    assert "TRIPTYCH_" not in ended.err
    assert "Value error" not in ended.err


async def test_a_reader_that_leaves_is_content(triptych: Triptych) -> None:
    """`| head -1` ends with 0, for help, rows and the schema."""
    for command in "schema", "tasks --format csv", "--help":
        ended = await triptych.shell(f"{{ triptych {command}; echo $? > code; }} | head -1")

        assert len(ended.out.splitlines()) == 1
        assert (triptych.directory / "code").read_text() == "0\n"


PTY = """
import os, pty, sys
code = pty.spawn(sys.argv[1:])
sys.exit(os.waitstatus_to_exitcode(code))
"""


async def on_a_terminal(triptych: Triptych, command: str, **settings: str) -> str:
    """What a terminal of 80 columns shows of a shell's command."""
    environ = {f"TRIPTYCH_{name.upper()}": text for name, text in settings.items()}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", PTY, "/bin/sh", "-c", command.replace("triptych", f"'{COMMAND}'", 1)),
        cwd=triptych.directory,
        env={"PATH": "/usr/bin:/bin", "TERM": "xterm", "COLUMNS": "80"} | environ,
        stdin=PIPE,
        stdout=PIPE,
        stderr=PIPE,
    )
    out, _ = await process.communicate()
    return out.decode()


async def test_a_progress_bar_knows_the_total_of_a_file(triptych: Triptych, box: Sandbox) -> None:
    """And how many have failed; also where the file is standard input."""
    (triptych.directory / "ids").write_text("# of today\n" + "".join(f"pixai:{n}\n" for n in range(1_200)))
    source = {"pixai_url": box.pixai.url, "pixai_key": box.pixai.key}

    for given in "--from ids", "--from - < ids":
        shown = await on_a_terminal(triptych, f"triptych media {given} --format csv > rows", **source)

        assert "1200/1200" in shown
        assert "\x1b[31m1200 failed" in shown
        assert len((triptych.directory / "rows").read_text().splitlines()) == 1_201


async def test_a_table_on_a_terminal_fits(triptych: Triptych, box: Sandbox) -> None:
    """Without colours where NO_COLOR is set; what is cut is said, with the way to see it."""
    source = {"pixai_url": box.pixai.url, "pixai_key": box.pixai.key}
    picture = f"pixai:{vendor_examples.SINGLE_MEDIA}"

    shown = await on_a_terminal(triptych, f"NO_COLOR=1 triptych media {picture} pixai:1", **source)
    coloured = await on_a_terminal(triptych, f"triptych media {picture}", **source)

    lines = shown.splitlines()
    assert max(map(len, lines[:3])) <= 80
    assert lines[1].startswith(f"{picture}  OK  ")
    assert (
        lines[-1] == "cells are cut to fit the terminal; --format csv or jsonl, or a pipe, shows them whole"
    )
    assert ("\x1b" in shown, "\x1b[32mOK\x1b[0m" in coloured) == (False, True)


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
    found = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "benchmarks", "conformance"}

    assert set(packages.NAMES) == found
