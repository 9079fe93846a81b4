"""What an answer was read from: as long as all of it is kept, the answer is what it would be again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from loaders.account import Reader
from loaders.cache import ENDED, Life

INF = float("inf")


class Basis(NamedTuple):
    """lives: of every value that was loaded. hits: how many of them each reader keeps."""

    lives: tuple[Life, ...]
    hits: tuple[tuple[Reader[Any], int], ...]

    @property
    def end(self) -> float:
        """When the first of them is over, by the wall clock; infinite where nothing was loaded."""
        return min((life.end for life in self.lives), default=INF)

    @property
    def is_whole(self) -> bool:
        """Whether every value is still in its cache: none was dropped, or replaced by a newer one."""
        return ENDED not in [life.end for life in self.lives]

    def hit(self) -> None:
        """Tell each reader that its values were used once more."""
        for reader, keys in self.hits:
            reader.hit(keys)


def of(loaded: Iterable[tuple[Reader[Any], Mapping[str, Any]]]) -> Basis | None:
    """The basis of what each reader has brought, by key; None where something of it is absent or not kept."""
    everything: dict[Life, None] = {}
    hits = []
    for reader, values in loaded:
        if not hasattr(reader, "kept"):  # a source's own, that has only what `Reader` asks for
            return None
        lives: dict[Life, None] = {}
        for key, value in values.items():
            kept = reader.kept(key)
            if kept is None or kept.value is not value:
                return None
            lives[kept.life] = None
        hits.append((reader, len(lives)))
        everything |= lives
    return Basis(tuple(everything), tuple(hits))
