"""PixAI, emulated: `POST /graphql`, the REST routes under /v1 and /v2, and the files behind the URLs."""

from __future__ import annotations

from collections.abc import Callable

from sandbox.pixai.graph import Graph
from sandbox.pixai.rest import Rest
from sandbox.pixai.server import Pixai

__all__ = ["Pixai", "emulate"]


def emulate(clock: Callable[[], float]) -> Pixai:
    """PixAI with a fresh world, ready to be served. clock: epoch seconds."""
    server = Pixai(clock)
    server.app.add_routes([*Graph(server).routes(), *Rest(server).routes(), *server.files.routes()])
    return server
