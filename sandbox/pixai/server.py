"""The emulated PixAI: its tasks and media, and the files behind their URLs."""

from __future__ import annotations

from collections.abc import Callable

from sandbox.pixai.access import error_body
from sandbox.pixai.files import Files
from sandbox.pixai.world import World
from sandbox.upstream import Upstream

KEY = "sandbox-pixai-key"


class Pixai(Upstream):
    """An upstream with one account. clock: epoch seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        super().__init__("pixai", KEY, error_body)
        self.clock = clock
        self.world = World(clock())
        self.files = Files(lambda: self.url, self.world, clock)
