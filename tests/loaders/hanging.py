"""A source whose calls hang until a test lets them go, and operations that wait for it."""

from __future__ import annotations

import asyncio

from loaders import retry
from loaders.batcher import Batcher
from loaders.breaker import Breaker
from loaders.budget import Budget, Limits
from loaders.cache import Cache
from loaders.outcome import Outcomes
from loaders.records import Provider

LIMIT = 0.2


def patient(silence: float = LIMIT, seconds: float = 10) -> Budget:
    """An operation that waits so long for a silent source, and so long in all."""
    return Budget.starting_now(seconds, Limits(silence=silence))


class Source:
    """Answers keys as they are let through: `answer` lets the oldest call go, `hang` none."""

    def __init__(self, places: int = 8, *, outlasts_silence: bool = False) -> None:
        self.breaker = Breaker()
        self.calls: list[str] = []
        self.gates: list[asyncio.Event] = []
        self.outlasts_silence = outlasts_silence
        self.batcher: Batcher[str] = Batcher(
            self._fetch,
            provider=Provider.MESHY,
            cache=Cache(lambda _value, _now: 60),
            chunk=lambda: 1,
            calls_at_once=places,
        )

    async def call(self, key: str = "a") -> str:
        """One call on the wire."""

        async def answer() -> str:
            gate = asyncio.Event()
            self.calls.append(key)
            self.gates.append(gate)
            await gate.wait()
            return key.upper()

        return await retry.read(
            answer,
            provider=Provider.MESHY,
            breaker=self.breaker,
            seconds=10,
            outlasts_silence=self.outlasts_silence,
        )

    async def _fetch(self, keys: list[str]) -> Outcomes[str]:
        return {keys[0]: await self.call(keys[0])}

    def answer(self) -> None:
        """The oldest call that waits."""
        next(gate for gate in self.gates if not gate.is_set()).set()


def names(found: Outcomes[str]) -> dict[str, str]:
    """Errors as their class's name."""
    return {key: type(one).__name__ if isinstance(one, Exception) else one for key, one in found.items()}
