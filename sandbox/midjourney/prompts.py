"""Prompts that are pleasant to read, with Midjourney's parameters behind them."""

from __future__ import annotations

import re
from random import Random

SUBJECTS = (
    "a harbour of paper lanterns",
    "an otter reading beside a mossy stream",
    "a cathedral of kelp and light",
    "a weathered robot watering tulips",
    "a train of glass crossing a frozen lake",
    "terraced tea fields under low cloud",
    "a moth the size of a kite above a wheat field",
    "a bakery window on a rainy street",
    "an orrery built into a hollow oak",
    "a pair of cranes over black water",
    "a lighthouse keeper's desk at night",
    "an island balanced on a waterfall",
    "a caravan of snails carrying tiny houses",
    "a courtyard of blue tiles and lemon trees",
    "an abandoned swimming pool full of ferns",
    "a comet reflected in a teacup",
    "a mountain hut buried in wild roses",
    "a library ship in the doldrums",
    "a white hare among birch trunks",
    "a city of bridges seen from a balloon",
)
MANNERS = (
    "risograph print, grainy",
    "watercolour and ink, loose wash",
    "soft volumetric light, 35mm film",
    "linocut, two colours",
    "miniature diorama, tilt-shift",
    "storybook illustration, gouache",
    "mid-century travel poster",
    "macro photograph, shallow depth of field",
    "charcoal and gold leaf",
    "embroidered tapestry",
)
# aspect ratio -> pixels of the whole picture, even so that four fit
SIZES = {
    "1:1": (512, 512),
    "16:9": (512, 288),
    "9:16": (288, 512),
    "3:2": (480, 320),
    "2:3": (320, 480),
    "4:5": (384, 480),
}
VERSIONS = ("--v 6.1", "--v 6.1", "--v 6.1", "--v 6.0", "--niji 6", "--v 5.2")
EXTRAS = ("", "", "--stylize 250", "--stylize 750", "--chaos 12", "--style raw", "--weird 40", "--tile")


def prompt(rng: Random) -> tuple[str, tuple[int, int]]:
    """The text with its parameters, and the size that follows from them."""
    ratio = rng.choice(list(SIZES))
    words = (
        f"{rng.choice(SUBJECTS)}, {rng.choice(MANNERS)}",
        "" if ratio == "1:1" else f"--ar {ratio}",
        rng.choice(VERSIONS),
        rng.choice(EXTRAS),
        f"--seed {rng.getrandbits(32)}" if rng.random() < 0.05 else "",
    )
    return " ".join(word for word in words if word), SIZES[ratio]


def size_of(text: str) -> tuple[int, int] | None:
    """Pixels that follow from --ar, square without it; None where it is invalid, like 0:0."""
    found = re.search(r"--ar (\S+)", text)
    if found is None or found[1] in SIZES:
        return SIZES[found[1] if found else "1:1"]
    ratio = re.fullmatch(r"([1-9]\d?):([1-9]\d?)", found[1])
    if ratio is None:
        return None
    scale = 512 / max(int(ratio[1]), int(ratio[2]))
    across, down = (max(32, round(int(side) * scale / 2) * 2) for side in ratio.groups())
    return across, down


def seed_of(text: str) -> str | None:
    """The digits behind --seed; None where there is none."""
    found = re.search(r"--seed (\d+)", text)
    return found[1] if found else None


def without_seed(text: str) -> str:
    """The same text, not asking for a seed."""
    return re.sub(r" --seed \d+", "", text)


def described(rng: Random) -> str:
    """The four prompts that DESCRIBE finds for a picture."""
    return "\n\n".join(f"{digit}\ufe0f\u20e3 {prompt(rng)[0]}" for digit in "1234")
