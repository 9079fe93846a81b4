"""Pillow, which paints the sandbox's pictures: the only module that imports it.

Importing `sandbox` without Pillow raises the ImportError below, so that whoever starts the sandbox can show
one sentence. A server that serves live sources needs neither.
"""

from __future__ import annotations

try:
    from PIL import Image, ImageDraw, ImageFilter, ImageOps, UnidentifiedImageError
except ImportError as error:
    raise ImportError("Pillow is not installed; run `pip install pillow`", name="PIL") from error

__all__ = ["Image", "ImageDraw", "ImageFilter", "ImageOps", "UnidentifiedImageError"]
