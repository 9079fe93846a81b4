"""The rules of the house, checked as a person would check them."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent


def test_imports_only_go_down() -> None:
    """Server -> schema -> resolvers -> loaders; the sources apart; the sandbox alone."""
    found = subprocess.run([BIN / "lint-imports"], cwd=ROOT, capture_output=True, text=True, check=False)

    assert found.returncode == 0, found.stdout


def test_every_room_is_packaged_and_checked() -> None:
    """A new top-level package is in the wheel, under the type checker and under the import rules."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    rooms = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "benchmarks"}

    assert set(settings["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]) == rooms
    assert set(settings["tool"]["importlinter"]["root_packages"]) == rooms
    assert rooms < set(settings["tool"]["mypy"]["packages"])


def test_the_lock_files_hold_every_dependency() -> None:
    """`make lock` writes both; what pyproject.toml wants is in them, with a hash for each."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = {_name(line) for line in settings["project"]["dependencies"]}
    locked = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    developing = (ROOT / "requirements-dev.txt").read_text(encoding="utf-8")

    assert wanted <= _names(locked), "make lock"
    assert wanted | {_name(line) for line in settings["dependency-groups"]["dev"]} <= _names(developing)
    assert set(_pins(locked)) <= set(_pins(developing))
    assert len(_pins(locked)) <= locked.count("--hash=sha256:")


def _name(requirement: str) -> str:
    return requirement.partition(">")[0].strip().lower()


def _pins(text: str) -> list[str]:
    return [line.split(" ")[0] for line in text.splitlines() if "==" in line and not line.startswith(" ")]


def _names(text: str) -> set[str]:
    return {pin.partition("==")[0].lower() for pin in _pins(text)}


def test_no_file_is_longer_than_a_reader_can_hold() -> None:
    """300 lines at most: what is longer answers more than one question."""
    ours = [path for path in ROOT.rglob("*.py") if not path.relative_to(ROOT).parts[0].startswith(".")]
    long = {str(path.relative_to(ROOT)) for path in ours if len(path.read_text("utf-8").splitlines()) > 300}

    assert long == set()
