"""graphql-yoga with a dataloader a request, written by hand; with JIT=1, graphql-jit executes."""

from __future__ import annotations

from pathlib import Path

from benchmarks import peers

FOLDER = peers.CACHE / "yoga"
HERE = Path(__file__).parent


def setup() -> None:
    """Raises peers.Unavailable."""
    peers.install("yoga", [HERE / "package.json", HERE / "package-lock.json", HERE / "server.mjs"])
