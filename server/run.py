"""From settings to a running server: the sources, uvicorn, the end."""

from __future__ import annotations

import asyncio
import gc
import math
import socket
import sys
from collections.abc import Callable
from multiprocessing.connection import Connection

import uvicorn
from starlette.types import ASGIApp

from loaders.sources import Sources
from server.access import origins
from server.app import application
from server.checks import Checks, Finding
from server.connections import Connections, Limits
from server.graphql.body import JSON, LIMITS
from server.settings import Settings
from server.source_log import SourceLog
from server.sources import open_sources
from server.state import open_writes
from server.uvicorn_protocols import AtOnce, protocols
from server.uvicorn_server import Server

if sys.platform != "win32":
    import resource

# bytes of an answer that the kernel takes at once, of 4 MB by default: nobody can see whether those are read
KERNEL_BUFFER = 256 * 1024
RESERVED = 128  # descriptors for the sources' connections, files and the sandbox
ENOUGH = 65_536
# objects made, less those freed, before the collector looks at the young ones, and how often so before at
# older ones. Nearly all are freed without it. It looks at 10,000 in 2 ms, while the processor still has them;
# at 50,000 in 24 ms. Where full caches let go of as much as they take in, the young ones may be all that they
# hold: a few times a minute at full load, that takes 40 to 100 ms.
COLLECTED = (10_000, 100, 100)


def listen(host: str, port: int) -> socket.socket:
    """A listening socket. Raises OSError where the address is taken or not this machine's."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio sets TCP_NODELAY only where the protocol is named. socket.create_server names none, and an
    # answer's body then waits 40 ms for the client's delayed acknowledgement of its head
    bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, KERNEL_BUFFER)
        bound.bind((host, port))
        bound.listen(2048)
    except BaseException:
        bound.close()
        raise
    return bound


def uvicorn_config(app: ASGIApp, settings: Settings, at_once: AtOnce | None = None) -> uvicorn.Config:
    """How uvicorn serves the app: under the limits of the settings, with nothing logged by itself.

    at_once: answers what needs no call of the app.
    """
    limits = Limits(
        connections=min(-(-settings.max_connections // settings.workers), _descriptors() - RESERVED),
        per_client=settings.max_connections_per_client,
        header_seconds=settings.header_seconds,
        body_seconds=settings.body_seconds,
        send_seconds=settings.send_seconds,
    )
    http, websocket = protocols(Connections(limits), at_once)
    return uvicorn.Config(
        app,
        http=http,
        ws=websocket,
        ws_max_size=LIMITS[JSON],
        lifespan="off",
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=math.ceil(max(settings.deadline, settings.write_seconds)) + 1,
    )


def _stop(server: Server, file: int) -> None:
    server.should_exit = True
    asyncio.get_running_loop().remove_reader(file)  # at its end it is readable for ever


def _descriptors() -> int:
    """How many files and sockets the process may open, after asking for as many as it can have."""
    if sys.platform == "win32":
        return 8192
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = ENOUGH if hard == resource.RLIM_INFINITY else min(hard, ENOUGH)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return ENOUGH if soft == resource.RLIM_INFINITY else soft
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return wanted


async def serve(
    settings: Settings,
    bound: socket.socket,
    announce: Callable[[Sources, str], None],
    report: Callable[[Finding], None],
) -> None:
    """Serve until SIGINT or SIGTERM; then refuse new connections and let running requests finish.

    announce: called with the open sources and the server's origin, just before the first answer. report: with
    each source that turns out not to work.
    """
    log = SourceLog(own_keys=not settings.passthrough)
    async with open_sources(settings, log) as sources:
        origin = origin_of(settings, bound)
        await serve_over(sources, settings, bound, lambda: announce(sources, origin), report)


def origin_of(settings: Settings, bound: socket.socket) -> str:
    """The origin that clients use."""
    return settings.public_url or origins.shown(*bound.getsockname()[:2])


async def serve_over(
    sources: Sources,
    settings: Settings,
    bound: socket.socket,
    announce: Callable[[], None],
    report: Callable[[Finding], None],
    parent: Connection | None = None,
) -> None:
    """The same over sources that are open already. parent: becomes readable when it is time to stop, too."""
    async with open_writes(settings, sources) as writes:
        checks = Checks(sources, report)
        app = application(settings, sources, origin_of(settings, bound), checks, writes)
        server = Server(uvicorn_config(app, settings, app.state.at_once), app.state.subscriptions.end)
        gc.collect()
        gc.freeze()  # what start-up made stays: the collector need not visit it again
        gc.set_threshold(*COLLECTED)
        if parent is not None:
            asyncio.get_running_loop().add_reader(parent.fileno(), _stop, server, parent.fileno())
        announce()  # the socket listens already: what comes now waits for uvicorn
        if not settings.passthrough:  # nobody may use the server's keys, itself included
            checks.start()
        try:
            await server.serve(sockets=[bound])
        finally:
            await checks.stop()
