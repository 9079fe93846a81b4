"""Several processes behind one port: `triptych serve --workers N`.

    parent      binds the port, starts the sandbox where one is wanted, and starts the workers
    worker      a whole server: event loop, connection pools, caches, limits; accepts from the parent's socket

Of what one of them hears to have changed, no other shows what was asked for before (loaders.changes). A
worker that dies is replaced. SIGTERM and Ctrl-C stop all of them as soon as running requests are answered,
and the sandbox after them. If the parent is killed, its workers notice that their pipe has closed, and stop.
"""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import AsyncExitStack
from ctypes import Array, c_uint64
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from pathlib import Path
from tempfile import TemporaryDirectory

from loaders.changes import Changes
from loaders.sources import Sources, SourceSettings
from server import event_loop, logs, run, state
from server.checks import Finding
from server.settings import Settings
from server.source_config import source_settings
from server.source_log import SourceLog
from server.sources import sandbox_for

GRACE = 5.0  # seconds beyond the deadline of requests after which a worker that should stop is killed

_spawn = multiprocessing.get_context("spawn")


class WorkerFailed(Exception):
    """A worker ended before it could serve. Its reason is on standard error."""


@dataclass(frozen=True, slots=True)
class Job:
    """What a worker is told. parent: becomes readable, with its end, when the parent is gone.

    counts, number: of changes, by each worker, and its own place.
    """

    settings: Settings
    sources: SourceSettings
    counts: Array[c_uint64]
    number: int
    bound: socket.socket
    report: Callable[[Finding], None]
    parent: Connection


@dataclass(frozen=True, slots=True)
class Worker:
    """One process. pipe: says once that it serves."""

    process: SpawnProcess
    pipe: Connection


async def serve(
    settings: Settings,
    bound: socket.socket,
    announce: Callable[[Sources, str], None],
    report: Callable[[Finding], None],
) -> None:
    """Serve with `settings.workers` processes until SIGINT or SIGTERM. Raises WorkerFailed,
    StateNotOpened.

    announce: called once all of them serve. report: called by one of them with each source that turns out not
    to work; a function of a module, which is how processes hand over a function.
    """
    async with AsyncExitStack() as opened:
        box = await sandbox_for(settings, opened)
        sources = replace(source_settings(settings, box), workers=settings.workers)
        known = await opened.enter_async_context(Sources(sources))  # which makes no call
        directory = opened.enter_context(TemporaryDirectory(prefix="triptych-"))
        same = state.shared(settings, known, Path(directory))
        async with state.open_writes(same, known):
            pass  # where it cannot be opened, no worker need say so

        counts = _spawn.RawArray(c_uint64, settings.workers)

        def job(number: int, parent: Connection) -> Job:
            return Job(same, sources, counts, number, bound, report if number == 0 else _unheard, parent)

        family = Family(job, settings.workers, max(settings.deadline, settings.write_seconds) + GRACE)
        try:
            await family.start()
            announce(known, run.origin_of(settings, bound))
            await family.until_stopped()
        finally:
            await family.stop()


class ChangesOfAll(Changes):
    """Of all workers. Each counts in a place of its own: no lock stays taken when one is killed."""

    def __init__(self, counts: Array[c_uint64], number: int) -> None:
        super().__init__()
        self._counts = memoryview(counts).cast("B").cast("Q")
        self._number = number

    @property
    def count(self) -> int:
        """So far, by any of them."""
        return sum(self._counts)

    def add(self) -> None:
        """One more, by this one."""
        self._counts[self._number] += 1


class Family:
    """The workers. job: of the one with that number. patience: seconds after which one is made to stop."""

    def __init__(self, job: Callable[[int, Connection], Job], count: int, patience: float) -> None:
        self._job = job
        self._patience = patience
        self._workers: dict[int, Worker] = {}
        self._count = count
        self._stopping = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._stopping.set)

    async def start(self) -> None:
        """Returns when all of them serve, or when it is told to stop. Raises WorkerFailed."""
        for number in range(self._count):
            self._begin(number)
        for worker in list(self._workers.values()):
            await self._first(worker.pipe.fileno())
            if not self._stopping.is_set() and not _has_said_so(worker):
                raise WorkerFailed

    async def until_stopped(self) -> None:
        """Replace those that die. Raises WorkerFailed where one dies before it serves."""
        while not self._stopping.is_set():
            await self._first(*(worker.process.sentinel for worker in self._workers.values()))
            for number, worker in list(self._workers.items()):
                if not worker.process.is_alive() and not self._stopping.is_set():
                    fields = {"worker": number, "code": worker.process.exitcode}
                    logs.write(logging.WARNING, "a worker died, another takes its place", fields)
                    self._begin(number)
                    await self._first(self._workers[number].pipe.fileno())
                    if not self._stopping.is_set() and not _has_said_so(self._workers[number]):
                        raise WorkerFailed

    async def stop(self) -> None:
        """All of them, those that do not want to by force."""
        for worker in self._workers.values():
            worker.process.terminate()
        ends = asyncio.get_running_loop().time() + self._patience
        for worker in self._workers.values():
            left = max(0.0, ends - asyncio.get_running_loop().time())
            await asyncio.to_thread(worker.process.join, left)
            if worker.process.is_alive():
                worker.process.kill()
                await asyncio.to_thread(worker.process.join)
            worker.pipe.close()

    def _begin(self, number: int) -> None:
        ours, theirs = _spawn.Pipe()
        process = _spawn.Process(target=work, args=(self._job(number, theirs),), name=f"worker {number}")
        process.start()
        theirs.close()  # it has its own
        self._workers[number] = Worker(process, ours)

    async def _first(self, *files: int) -> None:
        """Until one of the files can be read, or it is time to stop."""
        loop = asyncio.get_running_loop()
        readable = asyncio.Event()
        for file in files:
            loop.add_reader(file, readable.set)
        waiting = [asyncio.create_task(event.wait()) for event in (readable, self._stopping)]
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waiting:
                task.cancel()
            for file in files:
                loop.remove_reader(file)


def _has_said_so(worker: Worker) -> bool:
    try:
        worker.pipe.recv()
    except EOFError:
        return False
    return True


def work(job: Job) -> None:
    """A worker's whole life."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # until its server listens: Ctrl-C reaches the parent, too
    logs.configure(job.settings.log, sys.stderr)
    with asyncio.Runner(loop_factory=event_loop.factory()) as runner:
        runner.run(_work(job))


async def _work(job: Job) -> None:
    log = SourceLog(own_keys=not job.settings.passthrough)
    changes = ChangesOfAll(job.counts, job.number)
    async with Sources(job.sources, log, changes=changes) as sources:
        await run.serve_over(
            sources, job.settings, job.bound, partial(job.parent.send, True), job.report, job.parent
        )


def _unheard(_finding: Finding) -> None:
    """One of them reports: the others find the same."""
