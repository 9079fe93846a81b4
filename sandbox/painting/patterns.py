"""Patterns: each fills a canvas from its palette and its random numbers alone."""

from __future__ import annotations

import math

from sandbox.painting.canvas import Canvas, Point
from sandbox.painting.palettes import Colour, along, mixed


def discs(on: Canvas) -> None:
    """Circles and lines in the manner of the twenties."""
    _, _, _, warm, light, accent = on.palette
    on.gradient(light, mixed(light, warm, 0.12), mixed(light, warm, 0.35), 30)
    for _ in range(15):
        at = on.width * on.rng.uniform(0.05, 0.95), on.height * on.rng.uniform(0.05, 0.95)
        radius = on.unit * on.rng.choice((0.03, 0.06, 0.1, 0.16, 0.24, 0.3))
        colour = on.rng.choice((*on.palette[:4], accent))
        on.disc(at, radius, colour, on.rng.randint(150, 225))
        if on.rng.random() < 0.6:
            on.ring(at, radius * 1.22, on.palette[0], on.unit * 0.004)
            on.disc(at, radius * 0.55, on.rng.choice((accent, light, *on.palette[:3])), 235)
    for _ in range(7):
        x, y, turn = on.rng.random() * on.width, on.rng.random() * on.height, on.rng.uniform(-0.9, 0.9)
        long = on.unit * on.rng.uniform(0.3, 0.9)
        ends = [(x, y), (x + long * math.cos(turn), y + long * math.sin(turn))]
        on.line(ends, on.palette[0], on.unit * on.rng.choice((0.004, 0.004, 0.012)))


def flow(on: Canvas) -> None:
    """Lines that follow a field, as wind in grass."""
    dark, deep, _, _, light, accent = on.palette
    night = on.rng.random() < 0.6
    on.gradient(
        *((dark, mixed(dark, deep, 0.5), deep) if night else (light, light, mixed(light, on.palette[3], 0.3)))
    )
    often = [(on.rng.uniform(1.0, 2.6), on.rng.uniform(0, math.tau)) for _ in range(4)]
    (a, p), (b, q), (c, r), (d, s) = often
    step = on.unit * 0.018
    for _ in range(300):
        x, y = on.rng.uniform(-0.1, 1.1) * on.width, on.rng.uniform(-0.1, 1.1) * on.height
        shade = on.rng.uniform(0.3, 1) if night else on.rng.uniform(0, 0.75)
        colour = accent if on.rng.random() < 0.1 else along(on.palette, shade)
        points: list[Point] = []
        for _ in range(34):
            points.append((x, y))
            u, v = x / on.unit, y / on.unit
            turn = (
                1.3 * math.sin(a * u + b * v + p)
                + 0.9 * math.cos(c * v - d * u + q)
                + 0.4 * math.sin(r + s + 3 * u)
            )
            x, y = x + step * math.cos(turn), y + step * math.sin(turn)
        on.line(points, colour, on.unit * on.rng.choice((0.004, 0.006, 0.011)), 215)
        on.disc(points[-1], on.unit * 0.006, colour)


def tiles(on: Canvas) -> None:
    """A wall of quarter circles, rings and leaves."""
    dark, deep, _, _, light, _ = on.palette
    cell = on.unit / on.rng.choice((4, 5, 6))
    columns, rows = math.ceil(on.width / cell), math.ceil(on.height / cell)
    for column in range(columns):
        for row in range(rows):
            x, y = column * cell, row * cell
            ground, shape, third = on.rng.sample(on.palette, 3)
            on.draw.rectangle((x, y, x + cell, y + cell), fill=ground)
            turn = on.rng.randrange(4)
            corner = x + cell * (turn in (1, 2)), y + cell * (turn in (2, 3))
            kind = on.rng.randrange(5)
            if kind == 0:
                _quarter(on, corner, cell, turn, shape)
            elif kind == 1:
                for share, colour in ((1.0, shape), (0.66, ground), (0.33, third)):
                    _quarter(on, corner, cell * share, turn, colour)
            elif kind == 2:
                on.disc((x + cell / 2, y + cell / 2), cell * 0.36, shape)
                on.disc((x + cell / 2, y + cell / 2), cell * 0.16, third)
            elif kind == 3:
                opposite = x + cell * (turn not in (1, 2)), y + cell * (turn not in (2, 3))
                _quarter(on, corner, cell * 0.5, turn, shape)
                _quarter(on, opposite, cell * 0.5, (turn + 2) % 4, third)
            else:
                for bar in range(4):
                    left = x + cell * bar / 4
                    on.draw.rectangle((left, y, left + cell / 8, y + cell), fill=shape)
    on.draw.rectangle(
        (0, 0, on.width - 1, on.height - 1), outline=mixed(dark, deep, 0.5), width=round(on.unit * 0.012)
    )
    on.glow((on.width * 0.3, on.height * 0.2), on.unit * 0.9, light, 0.22)


def _quarter(on: Canvas, corner: Point, radius: float, turn: int, colour: Colour) -> None:
    x, y = corner
    on.draw.pieslice((x - radius, y - radius, x + radius, y + radius), turn * 90, turn * 90 + 90, fill=colour)


def bloom(on: Canvas) -> None:
    """A flower head, each seed a golden angle after the last."""
    dark, deep, middle, _, light, accent = on.palette
    on.gradient(dark, mixed(dark, deep, 0.6), deep, on.rng.uniform(0, 60))
    centre = on.width * on.rng.uniform(0.42, 0.58), on.height * on.rng.uniform(0.42, 0.58)
    on.glow(centre, on.unit * 0.75, middle, 0.8)
    count, turn = (
        on.rng.randint(420, 620),
        math.radians(on.rng.choice((137.508, 137.508, 137.3, 222.49, 99.5))),
    )
    petals = on.rng.choice((5, 8, 13))
    for index in reversed(range(count)):
        share = index / count
        far = on.unit * 0.5 * math.sqrt(share) * (1 + 0.08 * math.sin(petals * index * turn))
        at = centre[0] + far * math.cos(index * turn), centre[1] + far * math.sin(index * turn)
        colour = accent if index % 34 == 0 else along(on.palette, 1.05 - 0.75 * share)
        on.disc(at, on.unit * (0.008 + 0.0145 * math.sqrt(share)), colour, 235)
    on.disc(centre, on.unit * 0.012, light)
