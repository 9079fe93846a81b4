"""The measurement: start everything, check each answer, count calls, then rounds of load in turns.

Server on one core, stub and load generator on the others. All systems run all the time, so that a round of
one can follow a round of another at once: whatever the machine does meanwhile meets them all alike.
"""

from __future__ import annotations

import asyncio
import os
import socket
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import orjson

from benchmarks import asking, dialects, json_alone, load, work
from benchmarks.asking import Asked, WrongAnswer
from benchmarks.peers import Unavailable
from benchmarks.processes import TICK, Process, cores, settle
from benchmarks.results import Measured, Results, this_machine
from benchmarks.systems import PYTHON, ROOT, System
from benchmarks.work import HUGE, Work

_START = 60.0  # seconds that a server may take until it answers
_WHOLE = 0.95  # of an answer's bytes: less is not the answer
_LONGEST = 30.0  # seconds of a round in which nothing may have been answered
_LATE = 4  # times as many connections where the upstream is away: most of them wait for it
_CPU = 0.3  # of a round, and more where the connections hold each other up
_SLOW = 0.1  # seconds for one request


@dataclass(frozen=True, slots=True)
class Plan:
    """How long it is measured. seconds: a round's. turns: answers for each connection in a round, at least.

    requests: at most, for CPU a request. counted: for upstream calls. latencies: seconds that the stub waits
    before it answers. late: names of the rows that are measured at any latency above 0; None: all of them.
    wrk: else our own generator.
    """

    rounds: int
    seconds: float
    turns: int = 2
    requests: int = 2000
    latencies: tuple[float, ...] = (0.0, 0.02)
    late: tuple[str, ...] | None = None
    counted: int = 5
    wrk: bool = True


@dataclass(frozen=True, slots=True)
class Running:
    """A system that answers. stub: the origin of its upstreams."""

    system: System
    process: Process
    url: str


@dataclass(slots=True)
class _Cell:
    """One system at one row. size: bytes of a whole answer. pace: seconds that each took of the clock's."""

    of: Running
    body: str
    size: float = 0.0
    pace: float = 0.0
    measured: Measured | None = None


class Measuring:
    """One run. Ids are never used twice in it, unless the row says `again`."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._next_id = int(time.time()) * 1000  # nor in the run before, whose servers may still be there
        self._stub = ""
        self._stub_process: Process

    def run(self, systems: Sequence[System], rows: Sequence[Work]) -> Results:
        """Everything, in the order of the rows; what cannot run here is told and left out."""
        results = Results(skipped={}, wrk=self._plan.wrk, machine=this_machine())
        with ExitStack() as stack:
            scratch = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            self._stub, self._stub_process = stack.enter_context(stub(scratch))
            running = [one for system in systems if (one := self._start(system, scratch, stack, results))]
            for latency in self._plan.latencies:
                for row in rows:
                    if latency and self._plan.late is not None and row.name not in self._plan.late:
                        continue
                    _tell(f"{row.name}, upstream at {latency * 1000:.0f} ms")
                    self._row(row, running, latency, results)
            if self._plan.wrk:
                results.ceilings = self._ceilings()
            if HUGE in rows:
                results.json_alone = json_alone.cpu(HUGE)
            for one in running:
                results.memory[one.system.name] = one.process.memory()
        return results

    def _start(self, system: System, scratch: Path, stack: ExitStack, results: Results) -> Running | None:
        _tell(f"starting {system.name}")
        try:
            system.setup()
            port = free_port()
            command, environ, folder = system.started(port, self._stub, scratch)
            process = Process(command, environ, folder, scratch / f"{port}.log", cores()[0])
            stack.callback(process.stop)
            url = f"http://127.0.0.1:{port}{system.path}"
            wait_for(url, process)
        except Unavailable as reason:
            _tell(f"  skipped: {reason}")
            results.skipped[system.name] = str(reason)
            return None
        return Running(system, process, url)

    def _row(self, row: Work, running: Sequence[Running], latency: float, results: Results) -> None:
        # their late calls would be counted as others'
        settle([self._stub_process, *(one.process for one in running)])
        cells: list[_Cell] = []
        self.set_stub(latency=0.0, rolling=False)
        answer = b""
        for one in running:
            if not one.system.does(row):
                continue
            with _noted(one, row, results):
                if one.system.is_floor:
                    asyncio.run(asking.put(one.url, answer))
                else:
                    answer = self._check(row, one)
                cells.append(_Cell(one, self._body(row, one.system)))
        self.set_stub(latency=latency, rolling=row.rolling)
        connections = row.connections * (_LATE if latency and not row.alone else 1)
        for cell in cells:
            with _noted(cell.of, row, results):
                calls, alone = self._count(cell.body, cell.of)
                cpu, asked = self._cpu(cell.body, cell.of, connections, alone)
                cell.size, cell.pace = asked.size / len(asked.latencies), asked.seconds / len(asked.latencies)
                told = None if cell.of.system.is_floor else calls
                cell.measured = Measured(cell.of.system.name, row.name, latency, connections, told, cpu)
        for _ in range(self._plan.rounds):
            for cell in cells:
                if cell.measured is not None:
                    with _noted(cell.of, row, results):
                        self._round(cell, cell.measured)
        # a cell without a round was refused in its first
        results.measured += [
            cell.measured for cell in cells if cell.measured is not None and cell.measured.rates
        ]

    def _body(self, row: Work, system: System) -> str:
        body = system.dialect.body(row)
        assert body is not None, "does() said so"
        return work.filled(body, work.ids(self._take(row.ids))).decode() if row.again else body

    def _check(self, row: Work, one: Running) -> bytes:
        """What it answers to the first request of the row, in bytes. Raises WrongAnswer."""
        body = one.system.dialect.body(row)
        assert body is not None, "does() said so"
        first = self._take(row.ids)
        keys = [key for key, _ in zip(work.ids(first), range(row.ids), strict=False)]
        answer = asyncio.run(asking.ask(one.url, work.filled(body, iter(keys))))
        if one.system.dialect.read(row, answer) != work.right_answer(row, keys):
            raise WrongAnswer(f"not what the stub has: {str(answer)[:300]}")
        return orjson.dumps(answer)

    def _count(self, body: str, one: Running) -> tuple[Mapping[str, float], float]:
        """Upstream calls a request by kind, one request after the other; seconds that one takes."""
        # what comes first may be answered from nowhere else than the source
        number = 1 if self._ask(body, one, 1, 1).seconds > _SLOW else self._plan.counted
        self.set_stub()
        seconds = self._ask(body, one, number, 1).seconds
        calls = self.set_stub()
        return {kind: count / number for kind, count in calls.items()}, seconds / number

    def _cpu(self, body: str, one: Running, connections: int, alone: float) -> tuple[float, Asked]:
        """Seconds of CPU a request, over a good part of a round, all of them waited for."""
        number = max(1, min(self._plan.requests, int(_CPU * self._plan.seconds * connections / alone)))
        settle([one.process])
        before = one.process.cpu()
        asked = self._ask(body, one, number, min(connections, number))
        settle([one.process])
        return max(TICK, one.process.cpu() - before) / number, asked

    def _ask(self, body: str, one: Running, number: int, connections: int) -> Asked:
        keys = work.ids(self._take(number * body.count(work.MARK)))
        bodies = iter(lambda: work.filled(body, keys), None)
        return asyncio.run(asking.ask_all(one.url, bodies, connections, number=number))

    def _round(self, cell: _Cell, measured: Measured) -> None:
        process, body = cell.of.process, cell.body
        settle([process])
        first = self._take(1_000_000 * body.count(work.MARK))
        # a round that ends before each connection had its turns would count too few
        seconds = max(self._plan.seconds, self._plan.turns * measured.connections * cell.pace)
        ran, wanted, begun = process.cpu(), process.wanted(), time.monotonic()
        done = load.run(cell.of.url, body, measured.connections, seconds, first, wrk=self._plan.wrk)
        if done.requests == 0 and done.failed == 0 and seconds < _LONGEST:
            cell.pace = 2 * seconds / (max(1, self._plan.turns) * measured.connections)
            self._round(cell, measured)  # a crowded core: nothing came in time, so longer
            return
        passed = time.monotonic() - begun
        busy, wanting = (process.cpu() - ran) / passed, (process.wanted() - wanted) / passed
        # an error in an answer of 200 is short: wrk looks at no body, but counts its bytes
        if done.failed or done.size < _WHOLE * cell.size:
            raise WrongAnswer(
                f"under load {done.failed} of {done.requests} requests failed, and an answer had "
                f"{done.size:.0f} bytes instead of {cell.size:.0f}"
            )
        measured.add(done, busy, wanting)

    def _ceilings(self) -> dict[str, float]:
        """Requests a second that the stub answers to documents of 1 and 20 media, and of a page of 20."""
        self.set_stub(latency=0.0, rolling=True)
        found = {}
        for row in (work.MEDIA, work.ALIASES, work.PAGE):
            body = dialects.STUB.body(row)
            assert body is not None
            done = load.run(f"{self._stub}/graphql", body, 16, self._plan.seconds, self._take(1), wrk=True)
            found[row.name] = done.rate
        return found

    def set_stub(self, **wanted: object) -> Mapping[str, int]:
        """The calls since it was last told something."""
        told = asyncio.run(asking.ask(f"{self._stub}/stub", orjson.dumps(wanted)))
        calls: Mapping[str, int] = told["calls"]
        return calls

    def _take(self, number: int) -> int:
        first = self._next_id
        self._next_id += number
        return first


@contextmanager
def _noted(one: Running, row: Work, results: Results) -> Iterator[None]:
    """What goes wrong with one system at one row is told, and costs nobody else's."""
    try:
        yield
    except (WrongAnswer, OSError, aiohttp.ClientError, LookupError, TypeError) as wrong:
        reason = f"{type(wrong).__name__}: {wrong}"[:400]
        _tell(f"  {one.system.name} failed: {reason}")
        results.failed.setdefault(f"{one.system.name}, {row.name}", reason)


@contextmanager
def stub(scratch: Path) -> Iterator[tuple[str, Process]]:
    """Its origin and its process."""
    port = free_port()
    environ = {"PYTHONPATH": str(ROOT)}
    command = [PYTHON, "-m", "benchmarks.stub", str(port)]
    process = Process(command, os.environ | environ, scratch, scratch / "stub.log", cores()[1])
    try:
        wait_for(f"http://127.0.0.1:{port}/graphql", process)
        yield f"http://127.0.0.1:{port}", process
    finally:
        process.stop()


def free_port() -> int:
    """One where nobody listens."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def wait_for(url: str, process: Process) -> None:
    """Until it answers. Raises Unavailable where it ends first, or takes too long."""
    body = b'{"query":"{ __typename }"}'
    end = time.monotonic() + _START
    while time.monotonic() < end and not process.has_ended():
        try:
            asyncio.run(asking.ask(url, body))
        except (OSError, aiohttp.ClientError):
            time.sleep(0.1)
        except WrongAnswer:
            return  # it speaks: the stub knows no such field
        else:
            return
    printed = process.log.read_text(errors="replace").strip().splitlines() or ["it printed nothing"]
    raise Unavailable(f"it did not start: {printed[-1][:200]}")


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
