"""The upstreams, emulated on loopback with their real wire formats.

    async with start() as box:
        box.pixai.url, box.pixai.key, box.pixai.requests
        box.pixai.fail("POST /graphql", status=429, retry_after=2, times=1)
        box.clock.advance(10)  # a created task takes ten seconds
        box.pixai.created, box.pixai.streams

Usable by any client. Knows nothing of the program it stands in for.
"""

from sandbox.clock import Clock
from sandbox.faults import Fault
from sandbox.sandbox import Sandbox, start
from sandbox.upstream import Upstream

__all__ = ["Clock", "Fault", "Sandbox", "Upstream", "start"]
