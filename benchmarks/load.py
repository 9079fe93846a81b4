"""A round of load: by wrk, or by our own generator where wrk is not installed."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import orjson

from benchmarks import asking, work
from benchmarks.processes import cores

SCRIPT = Path(__file__).with_name("load.lua")
INSTALL = "wrk is not installed (Debian: apt install wrk)"


@dataclass(frozen=True, slots=True)
class Round:
    """seconds: the round's; p50, p99: seconds; size: bytes a response, head included.

    failed: responses other than 2xx, and connections that broke.
    """

    requests: int
    seconds: float
    p50: float
    p99: float
    size: float
    failed: int

    @property
    def rate(self) -> float:
        """Requests a second."""
        return self.requests / self.seconds


def has_wrk() -> bool:
    """Whether it is on the path."""
    return shutil.which("wrk") is not None


def run(url: str, body: str, connections: int, seconds: float, first: int, *, wrk: bool) -> Round:
    """Ask for so long, with ids from `first` on, a new one at each mark. wrk counts in whole seconds."""
    if wrk:
        return _wrk(url, body, connections, seconds, first)
    keys = work.ids(first)
    asked = asyncio.run(asking.ask_all(url, _bodies(body, keys), connections, seconds=seconds))
    ordered = sorted(asked.latencies)
    return Round(
        requests=len(ordered),
        seconds=asked.seconds,
        p50=ordered[len(ordered) // 2],
        p99=ordered[len(ordered) * 99 // 100],
        size=asked.size / len(ordered),
        failed=0,
    )


def _wrk(url: str, body: str, connections: int, seconds: float, first: int) -> Round:
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        file.write(body)
        file.flush()
        on = ",".join(map(str, sorted(cores()[1])))
        options = [f"-c{connections}", f"-d{max(1, round(seconds))}s", "--timeout", "60s"]
        command = ["taskset", "-c", on, "wrk", "-t1", *options, "-s", str(SCRIPT), url, "--", file.name]
        done = subprocess.run([*command, str(first)], capture_output=True, text=True, check=True)
    return read_summary(done.stdout)


def read_summary(printed: str) -> Round:
    """The line that load.lua's done() wrote, at the end of what wrk prints."""
    told = orjson.loads(printed.strip().rpartition("\n")[2])
    requests = told["requests"]
    return Round(
        requests=requests,
        seconds=told["microseconds"] / 1e6,
        p50=told["p50"] / 1e6,
        p99=told["p99"] / 1e6,
        size=told["bytes"] / max(1, requests),
        failed=told["refused"] + told["broken"],
    )


def _bodies(body: str, keys: Iterator[str]) -> Iterator[bytes]:
    while True:
        yield work.filled(body, keys)
