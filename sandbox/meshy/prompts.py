"""Prompts that are pleasant to read: changes to a picture, or a whole one from words."""

from __future__ import annotations

from random import Random

EDITS = (
    "Repaint this as a woodblock print",
    "Turn the scene into a cut-paper collage",
    "Make it look like a stained-glass window",
    "Transform this into a cyberpunk style artwork",
    "Rebuild the subject out of folded maps",
    "Set the same composition at the bottom of a clear sea",
    "Keep the outline and fill it with wild flowers",
    "Redraw this as a copperplate etching, coloured by hand",
    "Carve the subject from pale driftwood",
    "Let ivy and small lanterns grow over everything",
    "Turn day into a night full of fireflies",
    "Show it as an isometric miniature on a desk",
    "Embroider the picture in silk on dark linen",
    "Paint it as a travel poster of the twenties",
)
SUBJECTS = (
    "A stone lighthouse keeper's cottage on a cliff",
    "A clay fox with glazed ears",
    "A brass diving helmet full of tulips",
    "A paper crane on a windowsill in the rain",
    "A little steam tram with round windows",
    "A walking teapot with wooden legs",
    "A greenhouse on the back of a snail",
    "A lantern shaped like a pomegranate",
    "A wooden owl with clockwork wings",
    "A fishing boat hung with prayer flags",
)
LIGHTS = (
    "in thin winter light",
    "at golden hour",
    "under an aurora",
    "in the last minute before a storm",
    "by candlelight",
    "on a soft overcast morning",
    "with moonlight through mist",
)
COLOURS = (
    "indigo and amber",
    "celadon and rust",
    "rose, ochre and slate",
    "teal and coral",
    "muted greens",
    "cream and vermilion",
)


def edit(rng: Random) -> str:
    """For image-to-image."""
    return f"{rng.choice(EDITS)}, {rng.choice(LIGHTS)}, {rng.choice(COLOURS)}"


def scene(rng: Random) -> str:
    """For text-to-image."""
    return f"{rng.choice(SUBJECTS)}, {rng.choice(LIGHTS)}, {rng.choice(COLOURS)}"
