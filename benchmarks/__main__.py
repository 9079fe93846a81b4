"""`make bench`: every measurement, the first of each the one that the others are compared with."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import uvloop

from benchmarks import attacks, documents, lookups
from benchmarks.measuring import Measured

MEASUREMENTS: tuple[Callable[[], Awaitable[list[Measured]]], ...] = (
    lookups.measure,
    documents.measure,
    attacks.measure,
)


async def main() -> None:
    """Print a table a measurement."""
    for measure in MEASUREMENTS:
        rows = await measure()
        print(f"\n{rows[0].what}")
        for row in rows:
            ratio = row.seconds / rows[0].seconds
            print(f"  {row.way:<58} {row.seconds * 1000:>10.3f} ms  {ratio:>7.1f} x  {row.note}")


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())
