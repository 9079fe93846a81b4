"""All emulated upstreams together, each on its own port."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from sandbox import meshy, pixai
from sandbox.faults import Fault
from sandbox.midjourney.rows import Unit
from sandbox.mjproxy import Auth, Flavour, MidjourneyProxy
from sandbox.newapi import Mode, NewApi
from sandbox.upstream import Upstream


@dataclass(frozen=True, slots=True)
class Sandbox:
    """The upstreams that are being served."""

    pixai: Upstream
    meshy: Upstream
    newapi: NewApi
    mj: MidjourneyProxy

    def arm(self, text: str) -> None:
        """Put a fault in force, as `Fault.parse` reads it, at every upstream that has its route.

        `pixai *: status=500` names one upstream. Raises ValueError when the text is wrong or none fits.
        """
        name, _, rest = text.partition(" ")
        named = [upstream for upstream in self.upstreams() if upstream.name == name]
        fault = Fault.parse(rest if named else text)
        fitting = [one for one in named or self.upstreams() if fault.route in ("*", *one.labels())]
        if not fitting:
            labels = [f"{one.name} {label}" for one in named or self.upstreams() for label in one.labels()]
            raise ValueError(f"{text!r}: there is no such route; there are {', '.join(labels)}")
        for upstream in fitting:
            upstream.arm(fault)

    def upstreams(self) -> tuple[Upstream, ...]:
        """Every one of them, in the order they were started."""
        return (self.pixai, self.meshy, self.newapi, self.mj)


@asynccontextmanager
async def start(
    host: str = "127.0.0.1",
    pixai_port: int = 0,
    meshy_port: int = 0,
    newapi_port: int = 0,
    mj_port: int = 0,
    clock: Callable[[], float] = time.time,
    newapi_mode: Mode = "paged",
    newapi_unit: Unit = "ms",
    mj_flavour: Flavour = "csharp",
    mj_auth: Auth = "mj-api-secret",
) -> AsyncIterator[Sandbox]:
    """Serve until the block ends. Port 0: a free one. clock: seconds since the epoch.

    Raises OSError when a port is taken; what had started by then is stopped again.
    """
    async with AsyncExitStack() as stack:

        async def serve(upstream: Upstream, port: int) -> Upstream:
            return await stack.enter_async_context(upstream.serving(host, port))

        midjourney = MidjourneyProxy(clock, mj_flavour, mj_auth)
        gateway = NewApi(midjourney, newapi_mode, newapi_unit)
        yield Sandbox(
            pixai=await serve(pixai.emulate(clock), pixai_port),
            meshy=await serve(meshy.emulate(clock), meshy_port),
            newapi=await stack.enter_async_context(gateway.serving(host, newapi_port)),
            mj=await stack.enter_async_context(midjourney.serving(host, mj_port)),
        )
