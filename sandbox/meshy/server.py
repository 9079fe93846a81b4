"""The emulated Meshy: its tasks and credits, and the files behind its URLs."""

from __future__ import annotations

from collections.abc import Callable

from sandbox.meshy.access import error_body
from sandbox.meshy.files import Files
from sandbox.meshy.world import World
from sandbox.upstream import Upstream

KEY = "sandbox-meshy-key"


class Meshy(Upstream):
    """An upstream with one account. clock: epoch seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        super().__init__("meshy", KEY, error_body)
        self.clock = clock
        self.world = World(clock())
        self.files = Files(lambda: self.url, self.world, clock)
