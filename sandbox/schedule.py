"""When a task that moves with time waits, runs and ends."""

from __future__ import annotations

from dataclasses import dataclass

# of a task that somebody creates: ten seconds in all
WAITS = 2.0
RUNS = 8.0


@dataclass(frozen=True, slots=True)
class Schedule:
    """begins: epoch seconds. It waits for `waits` seconds, runs for `runs`, then ends as its record says."""

    begins: float
    waits: float
    runs: float

    @property
    def starts(self) -> float:
        """Epoch seconds at which it stops waiting."""
        return self.begins + self.waits

    @property
    def ends(self) -> float:
        """Epoch seconds from which it has ended."""
        return self.starts + self.runs

    def share(self, now: float) -> float:
        """How much of the run is over: 1 once it has ended, negative while it still waits."""
        if now >= self.ends:
            return 1.0
        return (now - self.starts) / self.runs if now >= self.starts else -1.0
