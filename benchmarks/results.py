"""What was measured, kept as JSON: the table and the plot can be drawn again without measuring again."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import orjson

from benchmarks.load import Round

FILE = Path(__file__).with_name("results.json")
BUSY = 0.9  # of a round: a server that wanted its core for less of it was not what held the rate down
CROWDED = 0.85  # of a core: a server that wanted all of it, and got less, shared it with other programs


@dataclass(slots=True)
class Measured:
    """One system at one row. calls: upstream calls a request, by kind; None for a floor.

    cpu: seconds a request. rates, p50, p99: one a round. busy: how much of its core the server used;
    wanted: used or waited for.
    """

    system: str
    work: str
    latency: float
    connections: int
    calls: Mapping[str, float] | None
    cpu: float
    rates: list[float] = field(default_factory=list)
    p50: list[float] = field(default_factory=list)
    p99: list[float] = field(default_factory=list)
    busy: list[float] = field(default_factory=list)
    wanted: list[float] = field(default_factory=list)

    def add(self, done: Round, busy: float, wanted: float) -> None:
        """One more round."""
        self.rates.append(done.rate)
        self.p50.append(done.p50)
        self.p99.append(done.p99)
        self.busy.append(busy)
        self.wanted.append(wanted)

    @property
    def rate(self) -> float:
        """Requests a second: the median."""
        return median(self.rates)

    @property
    def is_lower_bound(self) -> bool:
        """Whether the load generator or the stub was the limit: at no latency, the server had time left."""
        return self.latency == 0 and median(self.wanted) < BUSY

    @property
    def is_crowded(self) -> bool:
        """Whether other programs were on the server's core."""
        return median(self.wanted) >= BUSY and median(self.busy) < CROWDED


@dataclass(slots=True)
class Results:
    """One run. skipped: reasons by system. failed: reasons by system and row. memory: bytes at the end.

    ceilings: requests a second that the stub itself answers, by row. json_alone: seconds of CPU for the JSON
    of 10,000 media; None where that row was not measured.
    """

    skipped: dict[str, str]
    wrk: bool
    measured: list[Measured] = field(default_factory=list)
    memory: dict[str, int] = field(default_factory=dict)
    ceilings: dict[str, float] = field(default_factory=dict)
    json_alone: float | None = None
    failed: dict[str, str] = field(default_factory=dict)
    machine: dict[str, str] = field(default_factory=dict)

    def find(self, system: str, work: str, latency: float) -> Measured | None:
        """One cell; None where it was not measured."""
        wanted = (system, work, latency)
        return next((one for one in self.measured if (one.system, one.work, one.latency) == wanted), None)

    def systems(self) -> list[str]:
        """In the order in which they were measured."""
        return list(dict.fromkeys(one.system for one in self.measured))

    def rows(self) -> list[tuple[str, float]]:
        """Work and latency, in the order in which they were measured."""
        return list(dict.fromkeys((one.work, one.latency) for one in self.measured))

    def save(self, file: Path = FILE) -> None:
        """Write it, rounded to what it can mean."""
        told = orjson.loads(orjson.dumps(asdict(self)))
        file.write_bytes(orjson.dumps(_rounded(told), option=orjson.OPT_INDENT_2) + b"\n")

    @classmethod
    def load(cls, file: Path = FILE) -> Results:
        """Read what was saved."""
        told = orjson.loads(file.read_bytes())
        told["measured"] = [Measured(**one) for one in told["measured"]]
        return cls(**told)


def _rounded(value: Any) -> Any:
    match value:
        case float():
            return float(f"{value:.4g}")
        case list():
            return [_rounded(item) for item in value]
        case dict():
            return {name: _rounded(item) for name, item in value.items()}
    return value


def this_machine() -> dict[str, str]:
    """What the figures were taken on."""
    processor = platform.processor() or "unknown"
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        lines = cpuinfo.read_text().splitlines()
        processor = next(
            (line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), processor
        )
    return {
        "processor": processor,
        "cores": str(len(os.sched_getaffinity(0))),
        "memory": f"{memory:.0f} GiB",
        "system": f"{platform.system()} {platform.release().split('-')[0]}",
        "Python": platform.python_version(),
    }
