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
    server.app.add_routes([*Rest(server).routes(), *Stream(server).routes(), *server.files.routes()])
    return server
