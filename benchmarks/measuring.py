"""How long something takes: the median of several runs."""

from __future__ import annotations

import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

RUNS = 5


@dataclass(frozen=True, slots=True)
class Measured:
    """One way of doing `what`. seconds: the median. note: what else is worth telling."""

    what: str
    way: str
    seconds: float
    note: str = ""


async def median(run: Callable[[], Awaitable[object]], runs: int = RUNS) -> float:
    """Seconds. The first run warms up and does not count."""
    await run()
    taken = []
    for _ in range(runs):
        started = time.perf_counter()
        await run()
        taken.append(time.perf_counter() - started)
    return statistics.median(taken)
