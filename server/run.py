"""From settings to a running server: the sandbox where it is wanted, the sources, uvicorn, the end."""

from __future__ import annotations

import gc
import signal
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import uvicorn

from loaders.credentials import Credential
from loaders.records import Provider
from loaders.sources import Sources, SourceSettings
from sandbox import Box, start
from server.app import application
from server.settings import SandboxMode, Settings

GRACE = 30  # seconds that running requests may take after a SIGTERM


def source_settings(settings: Settings, box: Box | None = None) -> SourceSettings:
    """What the settings say about the sources; a sandbox stands in for those that they do not configure."""
    credentials: dict[Provider, Credential] = {}
    pixai_url = settings.pixai_url
    sandboxed = set()
    if settings.pixai_key is not None:
        credentials[Provider.PIXAI] = Credential({"key": settings.pixai_key.get_secret_value()})
    elif box is not None:
        credentials[Provider.PIXAI] = Credential({"key": box.pixai.key})
        pixai_url = box.pixai.url
        sandboxed.add(Provider.PIXAI)
    return SourceSettings(
        credentials=credentials,
        pixai_url=pixai_url,
        pixai_chunk=settings.pixai_chunk,
        deadline=settings.deadline,
        sandboxed=frozenset(sandboxed),
    )


def wants_sandbox(settings: Settings) -> bool:
    """Whether the sandbox stands in for any source."""
    if settings.sandbox is SandboxMode.FILL:
        return True
    configured = source_settings(settings).credentials
    return settings.sandbox is SandboxMode.AUTO and not configured and not settings.passthrough


@asynccontextmanager
async def open_sources(settings: Settings) -> AsyncIterator[Sources]:
    """The sources, and the sandbox behind them where it is wanted."""
    if wants_sandbox(settings):
        async with start() as box, Sources(source_settings(settings, box)) as sources:
            yield sources
    else:
        async with Sources(source_settings(settings)) as sources:
            yield sources


def listen(host: str, port: int) -> socket.socket:
    """A bound socket. Raises OSError where the address is taken or not ours."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=2048)


async def serve(settings: Settings, bound: socket.socket, announce: Callable[[Sources, str], None]) -> None:
    """Serve until SIGINT or SIGTERM; then no new connections, and running requests may finish.

    announce: is told the open sources and the server's origin, just before it answers.
    """
    # uvicorn hands the signal that stopped it back to whoever handled it before: here, to nobody, so
    # that the sources and the sandbox are closed too
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)
    host, port = bound.getsockname()[:2]
    origin = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    async with open_sources(settings) as sources:
        app = application(settings, sources, settings.public_url or origin)
        server = uvicorn.Server(
            uvicorn.Config(
                app,
                http="httptools",
                lifespan="off",
                log_level="warning",
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=GRACE,
            )
        )
        gc.collect()
        gc.freeze()  # what start-up made stays: the collector need not look at it again
        gc.set_threshold(50_000, 20, 100)
        announce(sources, origin)  # the socket listens already: what comes now waits for uvicorn
        await server.serve(sockets=[bound])
