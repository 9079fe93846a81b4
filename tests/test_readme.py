"""README is the manual: what it shows is what happens."""

from __future__ import annotations

import asyncio
import re
from asyncio.subprocess import PIPE, STDOUT

import pytest

from server.settings import PREFIX, Settings
from tests import readme

ROOT = readme.FILE.parent
TEXT = readme.FILE.read_text(encoding="utf-8")
COMMANDS = [line for block in re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL) for line in block.splitlines()]
SERVING = [command for command in COMMANDS if "sandbox --pixai-port" in command]
ENDING = [command for command in COMMANDS if command not in SERVING and not command.startswith("make ")]


async def test_its_answers_are_real() -> None:
    """Every query was asked of the sandbox."""
    written = await readme.rewritten(TEXT)

    assert written == TEXT, "README is not what the program says: make readme"


def test_every_setting_has_its_line() -> None:
    """In the table of docs/settings.md, which is written by the settings."""
    text = readme.SETTINGS.read_text(encoding="utf-8")

    assert readme.with_settings(text) == text, "docs/settings.md is out of date: make readme"
    assert set(re.findall(rf"{PREFIX}[A-Z_]+", text)) == {
        PREFIX + name.upper() for name in Settings.model_fields
    }


@pytest.mark.parametrize("command", ENDING)
async def test_its_commands_work(command: str) -> None:
    """As they stand, in a shell."""
    process = await asyncio.create_subprocess_shell(command, stdout=PIPE, stderr=STDOUT, cwd=ROOT)

    out, _ = await process.communicate()

    assert process.returncode == 0, out.decode()


@pytest.mark.parametrize("command", SERVING)
async def test_its_sandbox_starts(command: str) -> None:
    """On a port that is free here; it says where it is and how to point Triptych at it."""
    command = re.sub(
        r"--pixai-port \d+", "--pixai-port 0 --meshy-port 0 --newapi-port 0 --mj-port 0", command
    )
    process = await asyncio.create_subprocess_shell(f"exec {command}", stdout=PIPE, stderr=STDOUT, cwd=ROOT)
    assert process.stdout is not None
    try:
        lines = [(await process.stdout.readline()).decode() for _ in range(3)]
    finally:
        process.terminate()
        await process.communicate()

    assert "TRIPTYCH_PIXAI_URL=http://127.0.0.1:" in "".join(lines)


def test_its_make_targets_exist() -> None:
    """And each has its line in `make help`."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    words = [*re.findall(r"`?make (\w+)`?", TEXT), "check", "schema", "readme", "lock", "bench"]

    assert [word for word in words if not re.search(rf"^{word}:.*## ", makefile, re.MULTILINE)] == []


def test_its_settings_and_files_exist() -> None:
    """No name that nothing reads, no picture that is not there."""
    names = set(re.findall(rf"{PREFIX}[A-Z_]+", TEXT))
    files = re.findall(r"\]\(((?!http)[^)]+)\)", TEXT)
    packages = re.findall(r"^\| `(\w+)/`", TEXT, re.MULTILINE)

    assert names <= {PREFIX + name.upper() for name in Settings.model_fields}
    assert [name for name in [*files, *packages] if not (ROOT / name).exists()] == []


def test_ci_runs_the_test_command() -> None:
    """What README tells people is what CI does."""
    assert "make test" in COMMANDS
    assert "\nmake test\n" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_the_lock_files_name_no_address() -> None:
    """Where packages come from is the machine's business."""
    locks = list(ROOT.glob("requirements*.txt"))

    assert len(locks) == 2
    assert [lock.name for lock in locks if "://" in lock.read_text(encoding="utf-8")] == []
