"""midjourney-proxy, emulated in three flavours: the C# server, the Java server, a reseller's."""

from sandbox.mjproxy.access import Auth, Flavour
from sandbox.mjproxy.proxy import MidjourneyProxy

__all__ = ["Auth", "Flavour", "MidjourneyProxy"]
