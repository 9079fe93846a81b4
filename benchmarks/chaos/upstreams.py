"""The emulated upstreams, each of which can be stopped and started again at the same address."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from urllib.parse import urlsplit

from sandbox import Sandbox, meshy, mjproxy, newapi, pixai
from sandbox.clock import Clock
from sandbox.upstream import Upstream

HOST = "127.0.0.1"


class Restartable:
    """One upstream. Its world stays while it is down. asked: requests that it has received."""

    def __init__(self, upstream: Upstream) -> None:
        self.upstream = upstream
        self.origin = ""
        self._served = AsyncExitStack()

    @property
    def name(self) -> str:
        """`pixai`, `meshy`, `newapi` or `mj`."""
        return self.upstream.name

    @property
    def asked(self) -> int:
        """How many requests it has received."""
        return sum(self.upstream.requests.values())

    async def start(self) -> None:
        """Serve, at the address that it had before, if it had one."""
        port = urlsplit(self.origin).port or 0
        await self._served.enter_async_context(self.upstream.serving(HOST, port))
        self.origin = self.upstream.url

    async def stop(self) -> None:
        """Close its port and every connection."""
        await self._served.aclose()
        self._served = AsyncExitStack()


@asynccontextmanager
async def started() -> AsyncIterator[tuple[Sandbox, dict[str, Restartable]]]:
    """All four, by name."""
    clock = Clock()
    proxy = mjproxy.emulate(clock, "csharp", "mj-api-secret")
    box = Sandbox(
        pixai=pixai.emulate(clock),
        meshy=meshy.emulate(clock),
        newapi=newapi.emulate(proxy, "paged", "ms"),
        mj=proxy,
        clock=clock,
    )
    found = {one.name: Restartable(one) for one in box.upstreams()}
    try:
        for upstream in found.values():
            await upstream.start()
        yield box, found
    finally:
        for upstream in found.values():
            await upstream.stop()
