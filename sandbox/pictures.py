"""Pictures for every emulated upstream: real images, each seed its own, the same every time."""

from __future__ import annotations

import io
import math
from functools import lru_cache
from random import Random
from typing import Literal

from sandbox.painting import PALETTES, SCENES, Canvas
from sandbox.pillow import Image

Format = Literal["PNG", "WEBP", "JPEG"]
FRAMES = 12
FRAME_TIME = 90  # milliseconds


def fitted(width: int, height: int, longest: int) -> tuple[int, int]:
    """Scaled down so that the longest side fits; never up."""
    scale = min(1.0, longest / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))


@lru_cache(512)
def picture(seed: int, width: int, height: int, kind: Format = "WEBP") -> bytes:
    """An encoded picture of this size in pixels. Takes tens of milliseconds: call it in a thread."""
    image = _painted(seed, width, height)
    out = io.BytesIO()
    if kind == "PNG":
        image.save(out, "PNG", compress_level=4)
    elif kind == "JPEG":
        image.save(out, "JPEG", quality=88)
    else:
        image.save(out, "WEBP", quality=84, method=2)
    return out.getvalue()


def thumbnail(content: bytes, width: int, height: int) -> bytes:
    """Any picture at this size in pixels, as WebP. Call it in a thread."""
    out = io.BytesIO()
    with Image.open(io.BytesIO(content)) as image:
        image.convert("RGB").resize((width, height)).save(out, "WEBP", quality=84, method=2)
    return out.getvalue()


@lru_cache(32)
def moving_picture(seed: int, width: int, height: int) -> bytes:
    """An animated WebP that loops: a slow look around the picture of the same seed."""
    width, height = fitted(width, height, 320)
    margin = max(2, min(width, height) // 12)
    whole = _painted(seed, width + 2 * margin, height + 2 * margin)
    frames = []
    for index in range(FRAMES):
        turn = math.tau * index / FRAMES
        x, y = round(margin * (1 + math.cos(turn))), round(margin * (1 + math.sin(turn)))
        frames.append(whole.crop((x, y, x + width, y + height)))
    out = io.BytesIO()
    frames[0].save(
        out,
        "WEBP",
        save_all=True,
        append_images=frames[1:],
        duration=FRAME_TIME,
        loop=0,
        quality=70,
        method=0,
    )
    return out.getvalue()


def _painted(seed: int, width: int, height: int) -> Image.Image:
    """Painted at twice the size, then halved, so that edges are smooth."""
    rng = Random(seed)
    palette, scene = rng.choice(PALETTES), rng.choice(SCENES)
    canvas = Canvas(width * 2, height * 2, rng, palette)
    scene(canvas)
    return canvas.image.reduce(2)
