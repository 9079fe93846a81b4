"""Meshy, emulated: image-to-image and text-to-image, the balance, and the files behind the URLs."""

from __future__ import annotations

from sandbox.clock import Clock
from sandbox.meshy.rest import Rest
from sandbox.meshy.server import Meshy
from sandbox.meshy.stream import Stream

__all__ = ["Meshy", "emulate"]


def emulate(clock: Clock) -> Meshy:
    """Meshy with a fresh world, ready to be served."""
    server = Meshy(clock)
    for part in (Rest(server), Stream(server), server.files):
        server.app.add_routes(part.routes())
    return server
