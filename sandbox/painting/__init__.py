"""What the sandbox's pictures are made of: palettes, a canvas, and scenes."""

from collections.abc import Callable

from sandbox.painting.canvas import Canvas
from sandbox.painting.landscapes import papercut, planet, ridges, sea
from sandbox.painting.palettes import PALETTES
from sandbox.painting.patterns import bloom, discs, flow, tiles

SCENES: tuple[Callable[[Canvas], None], ...] = (ridges, sea, discs, flow, tiles, bloom, papercut, planet)

__all__ = ["PALETTES", "SCENES", "Canvas"]
