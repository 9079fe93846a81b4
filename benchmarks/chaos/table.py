"""The table that a run ends with."""

from __future__ import annotations

import math

from benchmarks.chaos.run import Outcome, Report

SHOWN = 30  # of what was wrong
HEAD = (
    f"{'fault':<46}{'answered':>9}{'errors':>8}{'p99':>9}"
    f"{'calls/s before':>16}{'during':>8}{'back after':>12}"
)


def line(outcome: Outcome) -> str:
    """Of one phase, while it runs."""
    back = "never" if outcome.recovery is None else f"{outcome.recovery:.1f} s"
    back = "in 10 min" if outcome.recovery == math.inf else back
    return (
        f"{outcome.name:<46}{outcome.requests.answered:>9}{outcome.requests.errors:>8}"
        f"{outcome.requests.p99 * 1000:>6.0f} ms{outcome.before:>16.1f}{outcome.during:>8.1f}{back:>12}"
    )


def totals(report: Report) -> str:
    """What it all comes to."""
    inside, outside = report.inside, report.outside
    wrong = [f"  {sentence}" for sentence in report.wrong[:SHOWN]]
    more = len(report.wrong) - SHOWN
    return "\n".join(
        [
            f"answered           {inside.answered + outside.answered:,}; {report.walks} whole lists",
            f"with typed errors  {inside.errors + outside.errors:,}",
            f"wrong or lost      {len(report.wrong)}",
            f"p99                {outside.p99 * 1000:.0f} ms outside faults, {inside.p99 * 1000:.0f} inside",
            f"memory             {report.start.memory:.0f} MiB before, {report.end.memory:.0f} after",
            f"descriptors        {report.start.descriptors} before, {report.end.descriptors} after",
            *wrong,
            *([f"  and {more} more"] if more > 0 else []),
        ]
    )
