"""All emulated upstreams together, each on its own port."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from sandbox import meshy, mjproxy, newapi, pixai
from sandbox.clock import Clock
from sandbox.faults import Fault
from sandbox.meshy import Meshy
from sandbox.midjourney.rows import Unit
from sandbox.mjproxy import Auth, Flavour, MidjourneyProxy
from sandbox.newapi import Mode, NewApi
from sandbox.pixai import Pixai
from sandbox.upstream import Upstream


@dataclass(frozen=True, slots=True)
class Sandbox:
    """The upstreams that are being served."""

    pixai: Pixai
    meshy: Meshy
    newapi: NewApi
    mj: MidjourneyProxy
    clock: Clock

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
            raise ValueError(f"{text!r}: there is no such route; the routes are {', '.join(labels)}")
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
    clock: Clock | None = None,
    newapi_mode: Mode = "paged",
    newapi_unit: Unit = "ms",
    mj_flavour: Flavour = "csharp",
    mj_auth: Auth = "mj-api-secret",
) -> AsyncIterator[Sandbox]:
    """Serve until the block ends. Port 0: a free one. clock: None: a real one.

    Raises OSError when a port is taken; what had started by then is stopped again.
    """
    async with AsyncExitStack() as stack:
        clock = clock or Clock()
        proxy = mjproxy.emulate(clock, mj_flavour, mj_auth)
        sandbox = Sandbox(
            pixai=pixai.emulate(clock),
            meshy=meshy.emulate(clock),
            newapi=newapi.emulate(proxy, newapi_mode, newapi_unit),
            mj=proxy,
            clock=clock,
        )
        ports = (pixai_port, meshy_port, newapi_port, mj_port)
        for upstream, port in zip(sandbox.upstreams(), ports, strict=True):
            await stack.enter_async_context(upstream.serving(host, port))
        yield sandbox
