"""The emulated Meshy: its tasks and credits, and the files behind its URLs."""

from __future__ import annotations

from sandbox.clock import Clock
from sandbox.meshy.access import error_body
from sandbox.meshy.files import Files
from sandbox.meshy.world import World
from sandbox.upstream import Upstream

KEY = "sandbox-meshy-key"


class Meshy(Upstream):
    """An upstream with one account."""

    def __init__(self, clock: Clock) -> None:
        super().__init__("meshy", KEY, error_body, clock)
        self.world = World(clock())
        self.files = Files(lambda: self.url, self.world, clock)
