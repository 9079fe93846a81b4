"""`python -m conformance [NAME …]`: run the checks, all or those whose name begins so, and print one table.

Exit code 0: every check passed; 1: one failed; 2: wrong usage; 3: nothing was checked, because there is no
Node or the clients are not to be had.
"""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from contextlib import nullcontext

from conformance import install, serving
from conformance.checks import CHECKS, Check, Outcome, State
from server.cli.table import Format, Rows

COLUMNS = ("status", "check", "seconds", "what")
WORDS = {State.OK: "passed", State.FAILED: "failed", State.SKIPPED: "skipped"}
AT_ONCE = 2  # most checks are one busy process beside the server's


def main(names: list[str]) -> int:
    """The exit code."""
    chosen = [check for check in CHECKS if not names or check.name.startswith(tuple(names))]
    if not chosen:
        print(f"conformance: no check begins with {' or '.join(names)}", file=sys.stderr)
        return 2
    try:
        install.everything()
    except (install.NodeMissing, install.NotInstalled) as failure:
        print(f"conformance: nothing was checked: {failure}", file=sys.stderr)
        return 3
    # `server.cli` lets Ctrl-C end the process at once; here it stops the servers and the checks first
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return asyncio.run(_run(chosen))
    except KeyboardInterrupt:
        return 130


async def _run(checks: list[Check]) -> int:
    rows = Rows(Format.TABLE, COLUMNS)
    places, clock = asyncio.Semaphore(AT_ONCE), asyncio.Lock()
    async with serving.everything() as environ:

        async def run(check: Check) -> tuple[Outcome, float]:
            async with clock if check.moves_clock else nullcontext(), places:
                begun = time.monotonic()
                return await check.run(environ), time.monotonic() - begun

        found = await asyncio.gather(*map(run, checks))
    for check, (outcome, seconds) in zip(checks, found, strict=True):
        cells = (outcome.state.value, check.name, f"{seconds:.1f}", outcome.told)
        rows.write(dict(zip(COLUMNS, cells, strict=True)))
    rows.flush()
    states = [outcome.state for outcome, _ in found]
    for check, (outcome, _) in zip(checks, found, strict=True):
        if outcome.state is State.FAILED:
            print(f"\n{check.name}: {' '.join(check.command)}\n{outcome.output.strip()}", file=sys.stderr)
    counts = (f"{states.count(state)} {word}" for state, word in WORDS.items())
    print(", ".join(counts), flush=True)
    return 1 if State.FAILED in states else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
