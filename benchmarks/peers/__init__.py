"""What a user would pick instead: each set up from its registry, and started as its own documents say."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

CACHE = Path(__file__).parents[2] / ".bench"  # outside what git tracks; removing it sets everything up anew


class Unavailable(Exception):
    """A system that cannot run here, and why, in one line."""


def install(name: str, files: Iterable[Path]) -> Path:
    """The peer's folder with its npm packages, at the versions of its package-lock.json. Raises Unavailable.

    No scripts of packages are run.
    """
    if shutil.which("npm") is None:
        raise Unavailable("Node.js with npm is not installed")
    folder = CACHE / name
    folder.mkdir(parents=True, exist_ok=True)
    wanted = {file.name: file.read_bytes() for file in files}
    is_new = not (folder / "installed.json").exists() or (
        (folder / "installed.json").read_bytes() != wanted["package-lock.json"]
    )
    for file, content in wanted.items():
        (folder / file).write_bytes(content)
    if is_new:
        run(
            ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
            folder,
            "npm could not install it",
        )
        (folder / "installed.json").write_bytes(wanted["package-lock.json"])
    return folder


def run(command: list[str], folder: Path, failing: str) -> str:
    """What a step of the setting up printed. Raises Unavailable, with the last line of what it printed."""
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=600, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unavailable(f"{failing}: {error}") from None
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines() or ["it says nothing"]
        raise Unavailable(f"{failing}: {lines[-1][:200]}")
    return done.stdout
