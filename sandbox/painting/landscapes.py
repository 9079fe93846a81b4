"""Landscapes and skies: each fills a canvas from its palette and its random numbers alone."""

from __future__ import annotations

import math

from sandbox.painting.canvas import Canvas, Point
from sandbox.painting.palettes import Colour, along, mixed


def ridges(on: Canvas) -> None:
    """Mountains behind mountains, with a low sun."""
    dark, deep, middle, warm, light, accent = on.palette
    on.gradient(deep, warm, light)
    sun = on.width * on.rng.uniform(0.2, 0.8), on.height * on.rng.uniform(0.22, 0.45)
    on.glow(sun, on.unit * 0.6, light, 0.9)
    on.disc(sun, on.unit * on.rng.uniform(0.06, 0.12), mixed(light, accent, on.rng.choice((0.0, 0.85))))
    count = 6
    for index in range(count):
        share = index / (count - 1)
        colour = mixed(mixed(warm, middle, 0.35 + share * 0.65), dark, share**1.3)
        on.shape(on.crest(0.45 + 0.48 * share, 0.13 - 0.05 * share, 1.05), colour)


def sea(on: Canvas) -> None:
    """A sun or a moon over water, with sails."""
    dark, deep, middle, warm, light, accent = on.palette
    night = on.rng.random() < 0.5
    on.gradient(*((dark, deep, middle) if night else (middle, warm, light)))
    shine = light if night or accent[0] < accent[2] + 60 else accent
    if night:
        on.stars(90, 0.5)
    sun = on.width * on.rng.uniform(0.3, 0.7), on.height * on.rng.uniform(0.26, 0.4)
    radius, horizon = on.unit * on.rng.uniform(0.1, 0.17), on.height * 0.58
    on.glow(sun, radius * 3.6, shine, 0.7)
    on.disc(sun, radius, shine)
    on.shape(on.crest(0.57, 0.04), mixed(deep, middle, 0.5))
    on.draw.rectangle((0, horizon, on.width, on.height), fill=dark if night else deep)
    rows = 46
    for row in range(rows):
        share = (row + 0.5) / rows
        y = horizon + (on.height - horizon) * share**1.4
        reach = radius * (0.35 + 1.5 * share)
        for _ in range(3):
            x = sun[0] + on.rng.gauss(0, reach * 0.7)
            half = on.unit * on.rng.uniform(0.02, 0.09) * (0.5 + share)
            on.line([(x - half, y), (x + half, y)], shine, on.unit * 0.005, 190)
        x, half = on.rng.random() * on.width, on.unit * on.rng.uniform(0.05, 0.2)
        on.line([(x - half, y), (x + half, y)], middle, on.unit * 0.004, 110)
    for _ in range(on.rng.choice((0, 1, 2))):
        x, size = on.width * on.rng.uniform(0.1, 0.9), on.unit * on.rng.uniform(0.05, 0.09)
        on.shape([(x, horizon - size * 2), (x, horizon), (x + size, horizon)], light)
        on.shape(
            [(x - size * 0.1, horizon - size * 1.7), (x - size * 0.1, horizon), (x - size * 0.7, horizon)],
            warm,
        )
        on.shape([(x - size, horizon), (x + size, horizon), (x, horizon + size * 0.3)], dark)


def papercut(on: Canvas) -> None:
    """Layers of cut paper with soft shadows."""
    light, accent = on.palette[4], on.palette[5]
    on.gradient(light, light, mixed(light, on.palette[3], 0.6))
    sun = on.width * on.rng.uniform(0.25, 0.75), on.height * on.rng.uniform(0.2, 0.32)
    for ring in range(4):
        on.disc(sun, on.unit * (0.3 - 0.06 * ring), mixed(light, accent, 0.15 + 0.28 * ring))
    count = on.rng.choice((6, 7, 8))
    for index in range(count):
        share = index / (count - 1)
        edge = on.crest(0.34 + 0.58 * share, 0.13, 0.55)
        on.shadow([(x, y - on.unit * 0.012) for x, y in edge], on.unit * 0.03, 0.55)
        on.shape(edge, along(on.palette, 0.92 - 0.92 * share))


def planet(on: Canvas) -> None:
    """A banded planet with a ring and moons among stars."""
    dark, deep, middle, warm, light, accent = on.palette
    on.gradient(mixed(dark, (0, 0, 0), 0.55), dark, deep, on.rng.uniform(0, 60))
    on.glow((on.width * on.rng.random(), on.height * on.rng.random()), on.unit * 0.7, middle, 0.45)
    on.stars(170, 1.0)
    x, y = on.width * on.rng.uniform(0.4, 0.6), on.height * on.rng.uniform(0.42, 0.58)
    radius = on.unit * on.rng.uniform(0.2, 0.28)
    on.glow((x, y), radius * 2.1, warm, 0.55)
    _ring(on, (x, y), radius, 180, 360)
    bands = 60
    weights = [on.rng.uniform(2, 7), on.rng.uniform(8, 16), on.rng.uniform(0, math.tau)]
    for band in range(bands):
        low, high = -1 + 2 * band / bands, -1 + 2 * (band + 1) / bands
        wave = 0.5 + 0.3 * math.sin(weights[0] * low + weights[2]) + 0.2 * math.sin(weights[1] * low)
        half, under = radius * math.sqrt(1 - low * low), radius * math.sqrt(max(0.0, 1 - high * high))
        colour = mixed(along(on.palette, 0.35 + 0.65 * wave), accent, 0.15)
        top, bottom = y + radius * low, y + radius * high + 1
        on.shape([(x - half, top), (x + half, top), (x + under, bottom), (x - under, bottom)], colour)
    for shade in range(14):  # night falls over one side, crescent by crescent
        _crescent(on, (x, y), radius, 0.15 + shade * 0.06, mixed(dark, (0, 0, 0), 0.5))
    _ring(on, (x, y), radius, 0, 180)
    for _ in range(on.rng.choice((1, 2, 3))):
        turn, far = on.rng.uniform(0, math.tau), radius * on.rng.uniform(1.45, 1.9)
        on.disc(
            (x + far * math.cos(turn), y - far * abs(math.sin(turn))),
            radius * on.rng.uniform(0.05, 0.1),
            light,
        )


def _ring(on: Canvas, at: Point, radius: float, start: int, end: int) -> None:
    light, warm = on.palette[4], on.palette[3]
    for index in range(9):
        wide = radius * (1.45 + 0.07 * index)
        box = (at[0] - wide, at[1] - wide * 0.24, at[0] + wide, at[1] + wide * 0.24)
        colour = mixed(light, warm, index / 9)
        on.draw.arc(
            box, start, end, fill=(*colour, 200 if index % 4 else 110), width=max(1, round(on.unit * 0.007))
        )


def _crescent(on: Canvas, at: Point, radius: float, share: float, colour: Colour) -> None:
    """The part of the disc beyond a meridian; share: how far right of the left limb, 0-1 of the diameter."""
    bend = radius * (2 * share - 1)
    angles = [math.pi * step / 24 - math.pi / 2 for step in range(25)]
    limb = [(at[0] + radius * math.cos(turn), at[1] + radius * math.sin(turn)) for turn in angles]
    inner = [(at[0] + bend * math.cos(turn), at[1] + radius * math.sin(turn)) for turn in reversed(angles)]
    on.shape(limb + inner, colour, 22)
