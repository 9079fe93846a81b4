"""A batcher over a source of a test's own."""

from __future__ import annotations

import asyncio

from loaders.batcher import Batcher
from loaders.budget import Budget
from loaders.cache import Cache
from loaders.errors import Fault
from loaders.observer import SILENT, Observer
from loaders.outcome import Outcomes
from loaders.pace import Pace
from loaders.records import Provider


class Source:
    """Answers `key` with `key.upper()`; knows no "absent"; fails "ill"; remembers every call."""

    def __init__(self) -> None:
        self.calls: list[list[str]] = []
        self.open = asyncio.Event()
        self.open.set()

    async def fetch(self, keys: list[str]) -> Outcomes[str]:
        """As a source's batch call does."""
        self.calls.append(keys)
        await self.open.wait()
        if "down" in keys:
            raise Fault("down", provider=Provider.PIXAI)
        answers: Outcomes[str] = {key: key.upper() for key in keys if key != "absent"}
        if "ill" in keys:
            answers["ill"] = Fault("ill", provider=Provider.PIXAI)
        return answers


def batcher(
    source: Source,
    chunk: int = 3,
    lifetime: float = 60,
    calls_at_once: int = 8,
    pace: Pace | None = None,
    observer: Observer = SILENT,
) -> Batcher[str]:
    cache: Cache[str] = Cache(lambda _value, _now: lifetime)
    return Batcher(
        source.fetch,
        provider=Provider.PIXAI,
        cache=cache,
        chunk=lambda: chunk,
        calls_at_once=calls_at_once,
        pace=pace,
        observer=observer,
    )


def soon(seconds: float = 5) -> Budget:
    """Of an operation of its own."""
    return Budget.starting_now(seconds)
