"""What became of every request."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.chaos.judging import Verdict
from benchmarks.chaos.trouble import Trouble, Troubles


@dataclass(frozen=True, slots=True)
class Sample:
    """One request. start: seconds of the monotonic clock. troubled: whether a source was in trouble."""

    kind: str
    start: float
    seconds: float
    errors: int
    troubled: bool


@dataclass(frozen=True, slots=True)
class Summary:
    """Of some samples. p99: seconds; 0 where there are none."""

    answered: int
    errors: int
    p99: float


class Tally:
    """Of the whole run. wrong: sentences, one for each thing that no answer may show; lost among them."""

    def __init__(self, troubles: Troubles) -> None:
        self.troubles = troubles
        self.samples: list[Sample] = []
        self.wrong: list[str] = []

    def note(self, kind: str, start: float, verdict: Verdict) -> None:
        """An answer has come, or will never come."""
        end = time.monotonic()
        troubled = bool(self.troubles.during(start, end))
        self.samples.append(Sample(kind, start, end - start, verdict.errors, troubled))
        self.wrong += [f"{kind}: {sentence}"[:400] for sentence in verdict.wrong]

    def within(self, trouble: Trouble) -> Summary:
        """Of the requests that began while it lasted, or in it so far."""
        ended = time.monotonic() if trouble.ended is None else trouble.ended
        return summary([s for s in self.samples if trouble.began <= s.start <= ended])

    def outside(self) -> Summary:
        """Of those that met no trouble at all."""
        return summary([s for s in self.samples if not s.troubled])

    def inside(self) -> Summary:
        """Of those that did."""
        return summary([s for s in self.samples if s.troubled])


def summary(samples: Sequence[Sample]) -> Summary:
    """Counts, and the 99th percentile."""
    times = sorted(sample.seconds for sample in samples)
    p99 = times[math.ceil(len(times) * 0.99) - 1] if times else 0.0
    return Summary(len(samples), sum(bool(sample.errors) for sample in samples), p99)
