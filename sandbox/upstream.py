"""One emulated upstream: an application on its own port, with counters and faults."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Self, Unpack

from aiohttp import web

from sandbox import control, fault_middleware
from sandbox.background import background
from sandbox.clock import Clock
from sandbox.fault_middleware import ErrorBody
from sandbox.faults import Fault, FaultFields, Faults
from sandbox.hooks import Hooks
from sandbox.streams import Streams

MAX_BODY = 32 * 1024 * 1024  # bytes; an inline picture or a document of thousands of aliases fits


class Upstream:
    """The part that all emulated upstreams share. Each package adds its routes to `app`.

    name: "pixai". key: the credential it accepts. error: (status, message, code) -> the body of an error
    in the upstream's own shape; code None: the upstream's usual one for that status.
    requests: route label -> how many requests came, failed ones too. created: ids of the tasks that they
    created, in order. streams: the open SSE answers and WebSockets. webhook: the URL to notify of every
    change of a task; None: none. clock: may be stepped.
    """

    def __init__(self, name: str, key: str, error: ErrorBody, clock: Clock) -> None:
        self.name = name
        self.key = key
        self.error = error
        self.clock = clock
        self.created: list[str] = []
        self.streams = Streams()
        self.hooks = Hooks()
        self.webhook: str | None = None
        self.requests: Counter[str] = Counter()
        self.faults = Faults()
        self.app = web.Application(
            middlewares=[fault_middleware.middleware(self.requests, self.faults, error)],
            client_max_size=MAX_BODY,
        )
        self.app.add_routes(control.routes(self))
        self.app.cleanup_ctx.append(background(self.hooks.run))
        self._origin: str | None = None

    @property
    def url(self) -> str:
        """The origin it is served at: "http://127.0.0.1:41234". Raises RuntimeError before it is served."""
        if self._origin is None:
            raise RuntimeError(f"{self.name} is not being served")
        return self._origin

    def labels(self) -> list[str]:
        """The route labels that faults and counters use, sorted."""
        routes = (fault_middleware.label(route.method, route.resource) for route in self.app.router.routes())
        return sorted(
            label for label in routes if not label.startswith("HEAD ") and control.PREFIX not in label
        )

    def fail(self, route: str, **fields: Unpack[FaultFields]) -> None:
        """Put a `Fault` in force. Raises ValueError for a route that does not exist."""
        self.arm(Fault(route, **fields))

    def arm(self, fault: Fault) -> None:
        """Put a fault in force. Raises ValueError for a route that does not exist."""
        if fault.route != "*" and fault.route not in self.labels():
            raise ValueError(
                f"{self.name} has no route {fault.route!r}; it has *, {', '.join(self.labels())}"
            )
        self.faults.add(fault)

    def heal(self) -> None:
        """Forget the faults."""
        self.faults.clear()

    def reset(self) -> None:
        """Forget counts and faults."""
        self.requests.clear()
        self.heal()

    @asynccontextmanager
    async def serving(self, host: str, port: int) -> AsyncIterator[Self]:
        """Serve until the block ends. Port 0: a free one. Raises OSError when the port is taken."""
        runner = web.AppRunner(self.app, access_log=None, shutdown_timeout=0.2, handler_cancellation=True)
        await runner.setup()
        try:
            await web.TCPSite(runner, host, port).start()
            self._origin = _origin(host, runner.addresses[0][1])
            yield self
        finally:
            self._origin = None
            await runner.cleanup()


def _origin(host: str, port: int) -> str:
    """Where a client on this machine reaches it, whatever address it is bound to."""
    reachable = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    return f"http://[{reachable}]:{port}" if ":" in reachable else f"http://{reachable}:{port}"
