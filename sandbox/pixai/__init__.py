"""PixAI, emulated: `POST /graphql`, the REST routes under /v1 and /v2, and the files behind the URLs."""

from __future__ import annotations

from collections.abc import Callable

from sandbox.pixai.access import error
from sandbox.pixai.files import Files
from sandbox.pixai.graph import Graph
from sandbox.pixai.rest import Rest
from sandbox.pixai.world import World
from sandbox.upstream import Upstream

KEY = "sandbox-pixai-key"


def emulate(clock: Callable[[], float]) -> Upstream:
    """PixAI with a fresh world, ready to be served. clock: seconds since the epoch."""
    upstream = Upstream("pixai", KEY, error)
    world = World(clock())
    files = Files(upstream, world, clock)
    upstream.app.add_routes(Graph(upstream, world, files, clock).routes())
    upstream.app.add_routes(Rest(upstream, world, files, clock).routes())
    upstream.app.add_routes(files.routes())
    return upstream
