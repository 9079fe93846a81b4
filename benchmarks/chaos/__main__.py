"""`make chaos`: about four minutes; exits with 1 where anything was wrong, lost or leaked."""

from __future__ import annotations

import asyncio
import logging
import sys
import time

import uvloop

from benchmarks.chaos import phases, table
from benchmarks.chaos.run import run

FAULT_SECONDS = 1.0


async def main() -> int:
    """Prints a line for each phase, and the totals."""
    logging.getLogger("aiohttp.server").disabled = True  # the emulators' complaints about their own faults
    started = time.monotonic()
    print(table.HEAD)
    report = await run(
        phases.every(), seconds=FAULT_SECONDS, say=lambda one: print(table.line(one), flush=True)
    )
    print(f"\n{table.totals(report)}\n{time.monotonic() - started:.0f} s")
    return 1 if report.wrong else 0


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        sys.exit(runner.run(main()))
