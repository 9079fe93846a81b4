"""Hive Gateway over a graph that Mesh composed from PixAI's schema; it merges what it asks by aliases itself.

A task's picture is found through its outputs, as the other systems do it: an additional field whose resolver
asks the subgraph. One worker, without polling.
"""

from __future__ import annotations

from pathlib import Path

from benchmarks import peers

FOLDER = peers.CACHE / "hive"
HERE = Path(__file__).parent
_BIN = "node_modules/.bin"
# composing belongs to the start: the graph holds the upstream's address
COMMAND = (
    f"{_BIN}/mesh-compose -c mesh.config.mjs -o supergraph-$PORT.graphql && exec {_BIN}/hive-gateway "
    "supergraph supergraph-$PORT.graphql -c gateway.config.mjs --host 127.0.0.1 --port $PORT --fork 1"
)


def setup() -> None:
    """Raises peers.Unavailable."""
    files = ("package.json", "package-lock.json", "mesh.config.mjs", "gateway.config.mjs")
    schema = Path(__file__).parents[3] / "sandbox/pixai/schema.graphql"
    peers.install("hive", [*(HERE / name for name in files), schema])
