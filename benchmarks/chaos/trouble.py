"""Which source was in trouble when: only then may an answer blame it."""

from __future__ import annotations

import time
from dataclasses import dataclass

PROVIDERS = {"pixai": "PIXAI", "meshy": "MESHY", "newapi": "MIDJOURNEY", "mj": "MIDJOURNEY"}


@dataclass(slots=True)
class Trouble:
    """From the first moment of a fault until the source has answered again; ended: None while it lasts."""

    provider: str
    began: float
    ended: float | None = None

    def overlaps(self, start: float, end: float) -> bool:
        """Whether any of it lies between the two, in seconds of the monotonic clock."""
        return self.began <= end and (self.ended is None or self.ended >= start)


class Troubles:
    """Those of the whole run."""

    def __init__(self) -> None:
        self._found: list[Trouble] = []

    def begin(self, upstream: str) -> Trouble:
        """It is about to fail."""
        trouble = Trouble(PROVIDERS[upstream], time.monotonic())
        self._found.append(trouble)
        return trouble

    def during(self, start: float, end: float) -> set[str]:
        """The providers that may be blamed for what an answer of that time lacks."""
        return {one.provider for one in self._found if one.overlaps(start, end)}
