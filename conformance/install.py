"""The clients and tools, at the versions that the lock files hold.

`python -m conformance.install FOLDER` installs the npm packages of one folder; exit code 3: they are not to
be had, or there is no Node.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent
NODE = 20  # the oldest major version that the clients run on
PROJECTS = (HERE, HERE / "vendors", ROOT / "examples" / "supergraph")  # each with a package-lock.json
PYTHON = HERE / ".venv"
REQUIREMENTS = HERE / "requirements.txt"
SECONDS = 240  # for one project; half a minute where the registry is near


class NodeMissing(Exception):
    """There is no Node that is new enough. The message says so."""


class NotInstalled(Exception):
    """A registry did not give what the lock files name. The message says which, and why."""


def everything() -> None:
    """Install what is not there yet. Raises NodeMissing or NotInstalled."""
    _look_for_node()
    for project in PROJECTS:
        _npm(project)
    _pip()


def _look_for_node() -> None:
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        raise NodeMissing(f"expected Node {NODE} or newer with npm; there is none on the PATH")
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout.strip()
    major = re.match(r"v(\d+)\.", version)
    if major is None or int(major[1]) < NODE:
        raise NodeMissing(f"expected Node {NODE} or newer; {node} is {version or 'unknown'}")


def _npm(project: Path) -> None:
    lock, stamp = project / "package-lock.json", project / "node_modules" / ".installed"
    # no package's own scripts run: none is needed, and some fetch binaries
    command = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]
    _once(stamp, lock.read_text(encoding="utf-8"), [command], project)


def _pip() -> None:
    python = str(PYTHON / "bin" / "python")
    pip = [
        python,
        "-m",
        "pip",
        "install",
        "-q",
        "--disable-pip-version-check",
        "--require-hashes",
        "-r",
        str(REQUIREMENTS),
    ]
    make = [sys.executable, "-m", "venv", "--clear", str(PYTHON)]
    _once(PYTHON / ".installed", REQUIREMENTS.read_text(encoding="utf-8"), [make, pip], HERE)


def _once(stamp: Path, wanted: str, commands: list[list[str]], folder: Path) -> None:
    """Run the commands unless the stamp says that they have run for the same lock file."""
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted:
        return
    print(f"installing {stamp.parent.relative_to(ROOT)}, once", file=sys.stderr, flush=True)
    for command in commands:
        try:
            ended = subprocess.run(
                command,
                cwd=folder,
                env=os.environ,
                capture_output=True,
                text=True,
                timeout=SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise NotInstalled(f"{command[0]} in {folder.name} took more than {SECONDS} s") from None
        if ended.returncode:
            told = (ended.stderr or ended.stdout).splitlines()
            reasons = [line.strip() for line in told if line.strip() and "complete log" not in line]
            where = folder.relative_to(ROOT)
            raise NotInstalled(f"{Path(command[0]).name} failed in {where}: {'; '.join(reasons[:3])}")
    stamp.write_text(wanted, encoding="utf-8")


def main(folder: str) -> int:
    """The exit code."""
    try:
        _look_for_node()
        _npm((ROOT / folder).resolve())
    except (NodeMissing, NotInstalled) as failure:
        print(f"{folder}: {failure}", file=sys.stderr)
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
