"""midjourney-proxy, emulated in three flavours: the C# server, the Java server, a reseller's."""

from __future__ import annotations

from collections.abc import Callable

from sandbox.mjproxy.access import Auth, Flavour
from sandbox.mjproxy.lookup import Lookup
from sandbox.mjproxy.server import MidjourneyProxy

__all__ = ["Auth", "Flavour", "MidjourneyProxy", "emulate"]


def emulate(clock: Callable[[], float], flavour: Flavour, auth: Auth) -> MidjourneyProxy:
    """midjourney-proxy with a fresh world, ready to be served. clock: epoch seconds."""
    server = MidjourneyProxy(clock, flavour, auth)
    server.app.add_routes([*Lookup(server).routes(), *server.files.routes()])
    return server
