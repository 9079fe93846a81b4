"""midjourney-proxy, emulated in three flavours: the C# server, the Java server, a reseller's."""

from __future__ import annotations

from sandbox.clock import Clock
from sandbox.mjproxy.access import Auth, Flavour
from sandbox.mjproxy.lookup import Lookup
from sandbox.mjproxy.server import MidjourneyProxy
from sandbox.mjproxy.submits import Submits

__all__ = ["Auth", "Flavour", "MidjourneyProxy", "emulate"]


def emulate(clock: Clock, flavour: Flavour, auth: Auth) -> MidjourneyProxy:
    """midjourney-proxy with a fresh world, ready to be served."""
    server = MidjourneyProxy(clock, flavour, auth)
    for part in (Lookup(server), Submits(server), server.files):
        server.app.add_routes(part.routes())
    return server
