"""From settings to a running server: the sources, uvicorn, the end."""

from __future__ import annotations

import gc
import math
import socket
from collections.abc import Callable

import uvicorn

from loaders.sources import Sources
from server.access import origins
from server.app import application
from server.graphql.body import JSON, LIMITS
from server.settings import Settings
from server.sources import open_sources
from server.uvicorn_server import Server


def listen(host: str, port: int) -> socket.socket:
    """A listening socket. Raises OSError where the address is taken or not this machine's."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio sets TCP_NODELAY only where the protocol is named. socket.create_server names none, and an
    # answer's body then waits 40 ms for the client's delayed acknowledgement of its head
    bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host, port))
        bound.listen(2048)
    except BaseException:
        bound.close()
        raise
    return bound


async def serve(settings: Settings, bound: socket.socket, announce: Callable[[Sources, str], None]) -> None:
    """Serve until SIGINT or SIGTERM; then refuse new connections and let running requests finish.

    announce: called with the open sources and the server's origin, just before the first answer.
    """
    origin = settings.public_url or origins.shown(*bound.getsockname()[:2])
    async with open_sources(settings) as sources:
        server = Server(
            uvicorn.Config(
                application(settings, sources, origin),
                http="httptools",
                ws="websockets-sansio",
                ws_max_size=LIMITS[JSON],
                lifespan="off",
                log_level="warning",
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=math.ceil(settings.deadline) + 1,
            )
        )
        gc.collect()
        gc.freeze()  # what start-up made stays: the collector need not visit it again
        gc.set_threshold(50_000, 20, 100)
        announce(sources, origin)  # the socket listens already: what comes now waits for uvicorn
        await server.serve(sockets=[bound])
