"""The pictures: real, distinct, the same every time."""

from __future__ import annotations

import io
from random import Random

import pytest
from PIL import Image

from sandbox.painting import PALETTES, SCENES, Canvas
from sandbox.pictures import Format, fitted, moving_picture, picture


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "JPEG"])
def test_a_picture_has_the_format_and_size_asked_for(kind: Format) -> None:
    """Pillow reads it back."""
    image = Image.open(io.BytesIO(picture(1, 96, 64, kind)))
    image.load()

    assert (image.format, image.size, image.mode) == (kind, (96, 64), "RGB")


def test_every_seed_has_its_own_picture() -> None:
    """Seeds side by side differ; the same seed is the same to the byte, drawn anew."""
    pictures = [picture(seed, 64, 64) for seed in range(459604023097100648, 459604023097100648 + 40)]

    picture.cache_clear()

    assert len(set(pictures)) == 40
    assert picture(459604023097100648, 64, 64) == pictures[0]


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.__name__)
@pytest.mark.parametrize(("width", "height"), [(96, 96), (160, 60), (60, 160), (2, 2)])
def test_every_scene_fills_any_shape(scene: object, width: int, height: int) -> None:
    """More than a plain colour, in every palette's first draw."""
    assert callable(scene)
    canvas = Canvas(width, height, Random(7), PALETTES[0])

    scene(canvas)

    assert canvas.image.size == (width, height)
    assert width == 2 or len(canvas.image.getcolors(width * height) or []) > 4


def test_a_moving_picture_loops_and_fits() -> None:
    """Twelve frames, at most 320 pixels, for ever."""
    image = Image.open(io.BytesIO(moving_picture(5, 512, 384)))

    assert (image.format, image.size, getattr(image, "n_frames", 1)) == ("WEBP", (320, 240), 12)
    assert image.info["loop"] == 0


@pytest.mark.parametrize(
    ("size", "longest", "wanted"),
    [((512, 384), 192, (192, 144)), ((100, 50), 192, (100, 50)), ((10_000, 1), 512, (512, 1))],
)
def test_fitted_never_enlarges_and_never_vanishes(
    size: tuple[int, int], longest: int, wanted: tuple[int, int]
) -> None:
    """The longest side fits; no side is 0."""
    assert fitted(*size, longest) == wanted
