"""How often watched tasks are looked at, and how many there may be."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from random import random

from loaders.errors import LimitExceeded

WATCHED = 1_000  # tasks of one source at once


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """When tasks are looked at, in seconds.

    quick: after a change; PixAI asks for 1.5 or more. slow: at most, and while a stream is live. ageing: a
    task that has not changed for this long is looked at half as often as at first, and so on. least: between
    two looks at one task, whoever asks for them. patience: how long a source may fail before its tasks end
    with its error. retry: before a lost stream is opened again; doubles up to longest_retry. quiet: how long
    a stream may say nothing.
    """

    quick: float = 2.0
    slow: float = 30.0
    ageing: float = 20.0
    least: float = 1.0
    patience: float = 60.0
    retry: float = 1.0
    longest_retry: float = 60.0
    quiet: float = 35.0

    def interval(self, unchanged: float) -> float:
        """Until the next look at a task that has not changed for so long."""
        return min(self.slow, self.quick * (1 + unchanged / self.ageing))


USUAL = Rhythm()


class Retries:
    """Before a lost stream is opened again: ever longer pauses, unless it was there and not just let in."""

    def __init__(self, rhythm: Rhythm) -> None:
        self._rhythm = rhythm
        self._next = rhythm.retry

    async def pause(self, lasted: float) -> None:
        """lasted: seconds from one opening to its loss."""
        if lasted > self._rhythm.longest_retry:
            self._next = self._rhythm.retry
        await asyncio.sleep(self._next * (1 + random()) / 2)  # noqa: S311 - spreads clients, hides nothing
        self._next = min(self._next * 2, self._rhythm.longest_retry)


class Places:
    """How many tasks of one source may be watched at once, by all its credentials."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.taken = 0

    def take(self) -> None:
        """One more. Raises LimitExceeded."""
        if self.taken >= self.most:
            raise LimitExceeded(f"At most {self.most:,} tasks of a provider are watched at once")
        self.taken += 1

    def give_back(self) -> None:
        """One less."""
        self.taken -= 1
