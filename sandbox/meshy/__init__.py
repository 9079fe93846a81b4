"""Meshy, emulated: image-to-image and text-to-image, the balance, and the files behind the URLs."""

from __future__ import annotations

from collections.abc import Callable

from sandbox.meshy.access import error
from sandbox.meshy.files import Files
from sandbox.meshy.rest import Rest
from sandbox.meshy.stream import Stream
from sandbox.meshy.world import World
from sandbox.upstream import Upstream

KEY = "sandbox-meshy-key"


def emulate(clock: Callable[[], float]) -> Upstream:
    """Meshy with a fresh world, ready to be served. clock: seconds since the epoch."""
    upstream = Upstream("meshy", KEY, error)
    world = World(clock())
    files = Files(upstream, world, clock)
    upstream.app.add_routes(Rest(upstream, world, files, clock).routes())
    upstream.app.add_routes(Stream(upstream, world, files, clock).routes())
    upstream.app.add_routes(files.routes())
    return upstream
