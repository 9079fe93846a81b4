"""The bytes of Midjourney's pictures: grids of four, single ones, blurred previews, videos."""

from __future__ import annotations

import io
from functools import lru_cache
from random import Random

from sandbox import pictures
from sandbox.midjourney.records import Art
from sandbox.painting import PALETTES, SCENES
from sandbox.pillow import Image, ImageFilter

THUMBNAIL = 192  # pixels of the longest side
BLUR = 14  # pixels


def variations(rng: Random, count: int) -> tuple[int, ...]:
    """Seeds of the painter that paint one motif, each its own way."""
    seeds = [rng.getrandbits(32)]
    while len(seeds) < count:
        seed = rng.getrandbits(32)
        if _motif(seed) == _motif(seeds[0]):
            seeds.append(seed)
    return tuple(seeds)


@lru_cache(128)
def whole(art: Art) -> bytes:
    """The result as a PNG: the picture, or four as a grid in reading order. Call it in a thread."""
    if len(art.seeds) == 1:
        return pictures.picture(art.seeds[0], art.width, art.height, "PNG")
    out = io.BytesIO()
    _grid(art).save(out, "PNG", compress_level=4)
    return out.getvalue()


@lru_cache(64)
def preview(art: Art) -> bytes:
    """The whole before it is finished: a blurred WebP."""
    with Image.open(io.BytesIO(whole(art))) as sharp:
        blurred = sharp.filter(ImageFilter.GaussianBlur(BLUR))
    out = io.BytesIO()
    blurred.save(out, "WEBP", quality=50, method=0)
    return out.getvalue()


def single(art: Art, index: int) -> bytes:
    """One of the pictures as a PNG. index: 0-based. Raises IndexError where there are fewer."""
    return pictures.picture(art.seeds[index], art.width, art.height, "PNG")


def thumbnail(art: Art, index: int) -> bytes:
    """The same one, small, as WebP."""
    width, height = pictures.fitted(art.width, art.height, THUMBNAIL)
    return pictures.picture(art.seeds[index], width, height, "WEBP")


def video(art: Art, index: int) -> bytes:
    """A video's stand-in: an animated WebP that loops, each index its own."""
    return pictures.moving_picture(art.seeds[0] + index, art.width, art.height)


def poster(art: Art, index: int) -> bytes:
    """The still that stands for a video."""
    width, height = pictures.fitted(art.width, art.height, 320)
    return pictures.picture(art.seeds[0] + index, width, height, "WEBP")


def _motif(seed: int) -> int:
    """Which scene `pictures` paints from a seed: it draws the palette first."""
    rng = Random(seed)
    rng.choice(PALETTES)
    return rng.randrange(len(SCENES))


def _grid(art: Art) -> Image.Image:
    width, height = art.width // 2, art.height // 2
    sheet = Image.new("RGB", (art.width, art.height))
    for index, seed in enumerate(art.seeds):
        with Image.open(io.BytesIO(pictures.picture(seed, width, height, "PNG"))) as quarter:
            sheet.paste(quarter, (index % 2 * width, index // 2 * height))
    return sheet
