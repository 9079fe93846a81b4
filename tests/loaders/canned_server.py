"""A server whose answers a test writes, for what no emulated source does; it keeps what it was sent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeAlias

from aiohttp import web

Handler: TypeAlias = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


@dataclass
class Canned:
    """seen: method, path as sent and body of each request. headers: those of the latest."""

    origin: str
    seen: list[tuple[str, str, bytes]] = field(default_factory=list)
    headers: Mapping[str, str] = field(default_factory=dict)


@asynccontextmanager
async def serving(handle: Handler) -> AsyncIterator[Canned]:
    """Every request goes to the handler."""
    server = Canned("")

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        server.seen.append((request.method, request.raw_path, await request.read()))
        server.headers = request.headers
        return await handle(request)

    # a handler whose client has gone is cancelled: one that hangs would hold up the end
    runner = web.ServerRunner(web.Server(answer, handler_cancellation=True))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    server.origin = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield server
    finally:
        await runner.cleanup()


def answering(body: bytes = b"", status: int = 200, **headers: str) -> Handler:
    """The same to everybody. headers: `content_encoding="gzip"`."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}

    async def handle(_request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(body=body, status=status, headers=named)

    return handle


async def reset(request: web.BaseRequest) -> web.StreamResponse:
    """The connection breaks once the request has come."""
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def hang(_request: web.BaseRequest) -> web.StreamResponse:
    """No answer ever."""
    await asyncio.Event().wait()
    return web.Response()
