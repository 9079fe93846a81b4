"""From settings to a running server: the sandbox where it is wanted, the sources, uvicorn, the end."""

from __future__ import annotations

import asyncio
import gc
import math
import signal
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager

import uvicorn

from loaders.sources import Sources
from sandbox import Sandbox, start
from server.access import origins
from server.app import application
from server.graphql.body import JSON, LIMITS
from server.settings import Settings
from server.source_config import source_settings, wants_sandbox


class SandboxDown(Exception):
    """The sandbox is wanted and does not start. cause: what the system said."""

    def __init__(self, cause: OSError) -> None:
        super().__init__(str(cause))
        self.cause = cause


@asynccontextmanager
async def open_sources(settings: Settings) -> AsyncIterator[Sources]:
    """The sources, and the sandbox behind them where it is wanted. Raises SandboxDown."""
    async with AsyncExitStack() as opened:
        box = await _sandbox(opened) if wants_sandbox(settings) else None
        yield await opened.enter_async_context(Sources(source_settings(settings, box)))


async def _sandbox(opened: AsyncExitStack) -> Sandbox:
    try:
        return await opened.enter_async_context(start())
    except OSError as error:
        raise SandboxDown(error) from error


def listen(host: str, port: int) -> socket.socket:
    """A bound socket. Raises OSError where the address is taken or not ours."""
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


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        # uvicorn hands the signal that stopped it on to whoever had it before, which would end the
        # process before the sources and the sandbox are closed
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        yield


async def serve(settings: Settings, bound: socket.socket, announce: Callable[[Sources, str], None]) -> None:
    """Serve until SIGINT or SIGTERM; then no new connections, and running requests may finish.

    announce: is told the open sources and the server's origin, just before it answers.
    """
    origin = settings.public_url or origins.shown(*bound.getsockname()[:2])
    async with open_sources(settings) as sources:
        server = _Server(
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
        gc.freeze()  # what start-up made stays: the collector need not look at it again
        gc.set_threshold(50_000, 20, 100)
        announce(sources, origin)  # the socket listens already: what comes now waits for uvicorn
        await server.serve(sockets=[bound])
