"""Tailcall: a gateway in Rust, told by directives what each field asks.

Once as PixAI can be asked, one call a media; with BATCH=1 it sends arrays of documents, which PixAI does not
take and the stub does.

Its binary wants glibc 2.39 or newer. Where the machine's is older, Debian 13's is unpacked beside it and used
for this one program.
"""

from __future__ import annotations

import platform
import shutil
import subprocess
from pathlib import Path

from benchmarks import peers
from benchmarks.peers import Unavailable

FOLDER = peers.CACHE / "tailcall"
HERE = Path(__file__).parent
_BINARY = "node_modules/@tailcallhq/core-linux-x64-gnu/bin/tailcall"
_KEYS = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
_LIBRARIES = Path("glibc/usr/lib/x86_64-linux-gnu")
# the graph holds port and addresses, which Tailcall reads from nowhere else
_PUT_IN = (
    "s#[$]PORT#{port}#; s#[$]UPSTREAM#{upstream}#; s#[$]BATCHING#'\"$BATCHING\"'#; s#[$]BATCH#'\"$BATCH\"'#"
)
COMMAND = (
    "sh",
    "-c",
    'if [ -n "$BATCH" ]; then BATCH=", batch: true" BATCHING=", batch: {{ maxSize: 100, delay: 1 }}"; fi; '
    f"sed '{_PUT_IN}' graph.graphql > graph-{{port}}.graphql && exec ./tailcall start graph-{{port}}.graphql",
)


def setup() -> None:
    """Raises peers.Unavailable."""
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        raise Unavailable("Tailcall's npm package of this version is for x86-64 Linux alone")
    peers.install("tailcall", [HERE / "package.json", HERE / "package-lock.json", HERE / "graph.graphql"])
    start = f"exec {_BINARY}"
    if not _starts(start):
        if not (FOLDER / _LIBRARIES).exists():
            _unpack_newer_glibc()
        start = f"exec {_LIBRARIES}/ld-linux-x86-64.so.2 --library-path {_LIBRARIES} {_BINARY}"
        if not _starts(start):
            raise Unavailable(
                "Tailcall wants glibc 2.39 or newer, and does not start with Debian 13's either"
            )
    (FOLDER / "tailcall").write_text(f'#!/bin/sh\n{start} "$@"\n')
    (FOLDER / "tailcall").chmod(0o755)


def _starts(start: str) -> bool:
    done = subprocess.run(["sh", "-c", f"{start} --version"], cwd=FOLDER, capture_output=True, check=False)
    return done.returncode == 0


def _unpack_newer_glibc() -> None:
    failing = "Tailcall wants glibc 2.39 or newer, and Debian 13's could not be had"
    if shutil.which("apt-get") is None or shutil.which("dpkg") is None:
        raise Unavailable("Tailcall wants glibc 2.39 or newer; elsewhere than on Debian it is not fetched")
    # the machine's own mirror, lists and packages in a folder of ours: nothing of the system changes
    told = peers.run(
        ["apt-get", "indextargets", "--format", "$(REPO_URI)", "Identifier: Packages"], FOLDER, failing
    )
    mirrors = [line for line in told.splitlines() if line.rstrip("/").endswith("/debian")]
    if not mirrors or not _KEYS.exists():
        raise Unavailable(failing)
    apt = FOLDER / "apt"
    (apt / "lists/partial").mkdir(parents=True, exist_ok=True)
    (apt / "sources.list").write_text(f"deb [signed-by={_KEYS}] {mirrors[0]} trixie main\n")
    options = {
        "Dir::Etc::sourcelist": apt / "sources.list",
        "Dir::Etc::sourceparts": "/dev/null",
        "Dir::State::lists": apt / "lists",
        "Dir::Cache": apt,
    }
    command = ["apt-get", *(part for name, value in options.items() for part in ("-o", f"{name}={value}"))]
    peers.run([*command, "update"], FOLDER, failing)
    peers.run([*command, "download", "libc6", "libgcc-s1"], FOLDER, failing)
    for package in FOLDER.glob("*.deb"):
        peers.run(["dpkg", "-x", package.name, "glibc"], FOLDER, failing)
