"""Colours that go together: from the darkest to the lightest, then an accent."""

from __future__ import annotations

Colour = tuple[int, int, int]
Palette = tuple[Colour, ...]


def _palette(text: str) -> Palette:
    return tuple((int(one[:2], 16), int(one[2:4], 16), int(one[4:], 16)) for one in text.split())


PALETTES = tuple(
    _palette(text)
    for text in (
        "1b1f3b 3f3d74 8a5a8c e09f7d fbe3c0 ff6b4a",  # indigo dusk
        "10302f 1f5c57 4f9d8d a9d3b5 f3f0d7 e4572e",  # celadon and rust
        "2b1d2e 6a3347 b5585a ec9a73 fde7c4 3fa7a3",  # rose and ochre
        "0b2540 14557b 2f94a8 8fd0c6 f4efdc ff8552",  # teal and coral
        "1f2a1e 43553a 7d8f56 c2c48a f5efd5 d1495b",  # moss
        "231942 5e548e 9f86c0 e0b1cb fbeaf2 f2c14e",  # violet morning
        "2a1a12 6b3a22 b8663a e6a95f fbe9c9 2f6f8f",  # desert
        "0d1321 1d2d44 3e5c76 8fa6bb f0ebd8 f4a259",  # slate winter
        "3a0f1d 8c1c2f d1453b f28f6b fdf0df 1f6f78",  # vermilion
        "12263a 2d5d6b 6fa3a0 d9c9a8 faf3e3 c1553b",  # shore
        "191528 3c2a56 7a3f7c d3688b f8c8b4 57c4b8",  # neon evening
        "22223b 4a4e69 9a8c98 c9ada7 f2e9e4 e07a5f",  # quiet clay
    )
)


def mixed(first: Colour, second: Colour, share: float) -> Colour:
    """share: 0 is the first, 1 the second."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue


def along(palette: Palette, share: float) -> Colour:
    """The colour at 0-1 between the darkest and the lightest."""
    shades = palette[:5]
    place = min(max(share, 0.0), 1.0) * (len(shades) - 1)
    index = min(int(place), len(shades) - 2)
    return mixed(shades[index], shades[index + 1], place - index)
