"""What the scenes are painted on: an image with soft light, gradients and shadows."""

from __future__ import annotations

import math
from random import Random

from sandbox.painting.palettes import Colour, Palette
from sandbox.pillow import Image, ImageDraw, ImageFilter, ImageOps

Point = tuple[float, float]


class Canvas:
    """width, height: pixels. unit: the shorter side, so that a scene looks the same at any size."""

    def __init__(self, width: int, height: int, rng: Random, palette: Palette) -> None:
        self.width = width
        self.height = height
        self.unit = min(width, height)
        self.rng = rng
        self.palette = palette
        self.image = Image.new("RGB", (width, height))
        self.draw = ImageDraw.Draw(self.image, "RGBA")

    def gradient(self, top: Colour, middle: Colour, bottom: Colour, turn: float = 0) -> None:
        """Fill everything. turn: degrees."""
        ramp = Image.linear_gradient("L")
        if turn:
            ramp = ramp.resize((512, 512)).rotate(turn, Image.Resampling.BILINEAR).crop((90, 90, 422, 422))
        ramp = ramp.resize((self.width, self.height), Image.Resampling.BICUBIC)
        self.image.paste(ImageOps.colorize(ramp, top, bottom, middle))

    def glow(self, at: Point, radius: float, colour: Colour, strength: float = 1.0) -> None:
        """Soft light around a point."""
        size = max(2, round(radius * 2))
        # Pillow's radial gradient is 0 in the middle, 178 where it meets the sides, 255 in the corners.
        fall = [round(255 * strength * max(0.0, 1 - value / 178) ** 2) for value in range(256)]
        light = Image.radial_gradient("L").point(fall)
        light = light.resize((size, size), Image.Resampling.BILINEAR)
        self.image.paste(colour, (round(at[0] - radius), round(at[1] - radius)), light)

    def disc(self, at: Point, radius: float, colour: Colour, opacity: int = 255) -> None:
        """A filled circle. opacity: 0-255."""
        x, y = at
        self.draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=(*colour, opacity))

    def ring(self, at: Point, radius: float, colour: Colour, width: float, opacity: int = 255) -> None:
        """A circle's line."""
        x, y = at
        box = (x - radius, y - radius, x + radius, y + radius)
        self.draw.ellipse(box, outline=(*colour, opacity), width=max(1, round(width)))

    def line(self, points: list[Point], colour: Colour, width: float, opacity: int = 255) -> None:
        """A polyline."""
        self.draw.line(points, fill=(*colour, opacity), width=max(1, round(width)), joint="curve")

    def shape(self, points: list[Point], colour: Colour, opacity: int = 255) -> None:
        """A filled polygon."""
        self.draw.polygon(points, fill=(*colour, opacity))

    def shadow(self, points: list[Point], blur: float, strength: float) -> None:
        """The soft shadow that a shape throws, drawn small and blurred."""
        small = Image.new("L", (self.width // 8 + 1, self.height // 8 + 1))
        ImageDraw.Draw(small).polygon([(x / 8, y / 8) for x, y in points], fill=round(255 * strength))
        soft = small.filter(ImageFilter.GaussianBlur(blur / 8)).resize(
            self.image.size, Image.Resampling.BILINEAR
        )
        self.image.paste(self.palette[0], (0, 0), soft)

    def crest(self, level: float, height: float, rough: float = 1.0) -> list[Point]:
        """A wavy edge across the picture, closed below. level, height: shares of the picture's height."""
        waves = [
            (
                self.rng.uniform(0.5, 1.4) * 2**octave,
                self.rng.uniform(0, math.tau),
                rough**octave / 1.9**octave,
            )
            for octave in range(6)
        ]
        step = max(1, self.width // 160)
        edge: list[Point] = []
        for x in range(0, self.width + step, step):
            share = x / self.unit
            swing = sum(size * math.sin(math.tau * often * share + phase) for often, phase, size in waves)
            edge.append((x, self.height * (level + height * swing / 2)))
        return [*edge, (self.width + step, self.height * 1.2), (0, self.height * 1.2)]

    def stars(self, count: int, below: float) -> None:
        """Small lights in the upper part. below: share of the height."""
        for _ in range(count):
            at = self.rng.random() * self.width, self.rng.random() ** 1.3 * self.height * below
            radius = self.unit * self.rng.choice((0.0015, 0.002, 0.0035))
            self.disc(at, radius, self.palette[4], self.rng.randint(90, 230))
