"""The upstreams, emulated on loopback with their real wire formats.

    async with start() as box:
        box.pixai.url, box.pixai.key, box.pixai.requests
        box.pixai.fail("POST /graphql", status=429, retry_after=2, times=1)

Usable by any client. Knows nothing of the program it stands in for.
"""

from sandbox.faults import Fault
from sandbox.sandbox import Sandbox, start
from sandbox.upstream import Upstream

__all__ = ["Fault", "Sandbox", "Upstream", "start"]
