"""PixAI, emulated: `POST /graphql`, the REST routes under /v1 and /v2, and the files behind the URLs."""

from __future__ import annotations

from sandbox.clock import Clock
from sandbox.pixai.graph import Graph
from sandbox.pixai.rest import Rest
from sandbox.pixai.server import Pixai

__all__ = ["Pixai", "emulate"]


def emulate(clock: Clock) -> Pixai:
    """PixAI with a fresh world, ready to be served."""
    server = Pixai(clock)
    for part in (Graph(server), Rest(server), server.files, server.uploads):
        server.app.add_routes(part.routes())
    return server
