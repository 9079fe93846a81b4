"""The rules of the project, checked as a person would check them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
PRIVATE = re.compile(r"\b(hou[s]e|roo[m])s?\b", re.IGNORECASE)  # the brackets keep it from finding itself


def ours(*kinds: str) -> Iterator[Path]:
    """The project's own files of these kinds: nothing hidden, installed or generated."""
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [name for name in folders if not name.startswith((".", "__", "node_modules"))]
        yield from (Path(folder) / name for name in names if name.endswith(kinds))


def test_imports_only_go_down() -> None:
    """Server -> schema -> resolvers -> loaders; the sources apart; the sandbox alone."""
    found = subprocess.run([BIN / "lint-imports"], cwd=ROOT, capture_output=True, text=True, check=False)

    assert found.returncode == 0, found.stdout


def test_every_package_is_built_and_checked() -> None:
    """A new top-level package is in the wheel, under the type checker and under the import rules."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {
        "tests",
        "benchmarks",
        "conformance",
    }

    assert set(settings["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]) == packages
    assert set(settings["tool"]["importlinter"]["root_packages"]) == packages
    assert packages < set(settings["tool"]["mypy"]["packages"])


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


def test_the_clients_lock_files_fit() -> None:
    """Each version is exact, locked, and without the address of a registry."""
    projects = [path for path in ours("package.json") if path.name == "package.json"]
    for project in projects:
        lock = project.with_name("package-lock.json").read_text("utf-8")
        dependencies = json.loads(project.read_text("utf-8"))["dependencies"]
        packages = json.loads(lock)["packages"]
        locked = {name: packages[f"node_modules/{name}"]["version"] for name in dependencies}
        assert locked == dependencies, project
        assert '"resolved"' not in lock, f"{project.parent}: npm install --omit-lockfile-registry-resolved"
    wanted = _pins_wanted((ROOT / "conformance" / "requirements.in").read_text("utf-8"))
    python = (ROOT / "conformance" / "requirements.txt").read_text("utf-8")

    assert len(projects) >= 3
    assert wanted <= _names(python), "make lock"
    assert len(_pins(python)) <= python.count("--hash=sha256:")


def _pins_wanted(text: str) -> set[str]:
    return {line for line in text.splitlines() if line and not line.startswith("#")}


def _name(requirement: str) -> str:
    return requirement.partition(">")[0].strip().lower()


def _pins(text: str) -> list[str]:
    return [line.split(" ")[0] for line in text.splitlines() if "==" in line and not line.startswith(" ")]


def _names(text: str) -> set[str]:
    return {pin.partition("==")[0].lower() for pin in _pins(text)}


def test_no_file_is_longer_than_a_reader_can_hold() -> None:
    """300 lines at most: what is longer answers more than one question."""
    programs = list(ours(".py", ".mjs"))
    long = {
        str(path.relative_to(ROOT)) for path in programs if len(path.read_text("utf-8").splitlines()) > 300
    }

    assert len(programs) > 300

    assert long == set()


def test_no_private_word_stands_for_the_project_or_a_package() -> None:
    """In code and user documents; the prompts of made-up pictures may show what they like."""
    texts = [
        path for path in ours(".py", ".mjs", ".md", ".html", ".toml", ".graphql") if path.name != "prompts.py"
    ]
    found = {
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in texts
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if PRIVATE.search(line)
    }

    assert len(texts) > 300
    assert found == set()
