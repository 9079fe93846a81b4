"""One watcher for each credential at a source: every task is watched once, however many want to know.

It polls the tasks that are watched, many a call where the source can; a stream of the source's own, where it
has one, tells changes sooner and makes the polls rare:

    join ──► read (the snapshot) ──► the stream follows it ──► changes ──► the last one: everybody leaves
                  │                        │ lost
                  └──── polls, quick at first, slow while nothing changes ◄──┘

Polls go on beside a live stream, far apart, because a stream may lose an event. All of it ends with the
last reader.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field

from loaders.account import Reader, TaskWatch
from loaders.budget import Budget
from loaders.course import Course, Part, Update
from loaders.errors import SourceError, TriptychError, Unreachable
from loaders.mailbox import Mailbox
from loaders.outcome import Outcome
from loaders.records import Provider, TaskRecord
from loaders.rhythm import Places, Rhythm
from loaders.stream import Ear, Stream

log = logging.getLogger(__name__)


@dataclass(eq=False, slots=True)
class _Watched:
    """due, changed_at, read_at, failing_since: on the event loop's clock."""

    key: str
    due: float
    changed_at: float
    read_at: float = float("-inf")
    failing_since: float | None = None
    is_reading: bool = False
    is_followed: bool = False
    is_due_again: bool = False
    course: Course = field(default_factory=Course)
    readers: dict[tuple[Mailbox, str], None] = field(default_factory=dict)


class Watcher(TaskWatch):
    """tasks: where they are read. batch: how many keys one read takes. seconds: how long one may take.

    changed: called before anything is told. remember: keeps what a stream told, under the task's key, for
    queries. stream: made of the ear that it tells; None: polls alone.
    """

    def __init__(
        self,
        tasks: Reader[TaskRecord],
        *,
        provider: Provider,
        places: Places,
        rhythm: Rhythm,
        seconds: float,
        batch: int = 1,
        changed: Callable[[], None],
        remember: Callable[[str, TaskRecord], None] | None = None,
        stream: Callable[[Ear], Stream] | None = None,
    ) -> None:
        self._tasks = tasks
        self._provider = provider
        self._places = places
        self._rhythm = rhythm
        self._seconds = seconds
        self._batch = batch
        self._changed = changed
        self._remember = remember
        self._stream = None if stream is None else stream(self)
        self._watched: dict[str, _Watched] = {}
        self._reads: set[asyncio.Task[None]] = set()
        self._running: asyncio.Task[None] | None = None
        self._news = asyncio.Event()
        self._is_closed = False

    @property
    def is_idle(self) -> bool:
        """Whether nobody watches anything."""
        return not self._watched

    def join(self, key: str, mailbox: Mailbox, name: str) -> None:
        """Put the task into the mailbox, and every change of it until the last. Raises LimitExceeded.

        The reader is registered first, so that no change is lost between its snapshot and the next one.
        """
        if self._is_closed:
            raise self._gone()
        watched = self._watched.get(key)
        if watched is None:
            self._places.take()
            now = asyncio.get_running_loop().time()
            watched = self._watched[key] = _Watched(key, due=now, changed_at=now)
            self._news.set()
            if self._running is None:
                self._running = asyncio.create_task(self._run())
        watched.readers[mailbox, name] = None
        if watched.course.latest is not None:
            mailbox.put(name, watched.course.latest)

    def leave(self, key: str, mailbox: Mailbox, name: str) -> None:
        """The reader has gone; what only it watched is not watched any more."""
        watched = self._watched.get(key)
        if watched is None:
            return
        watched.readers.pop((mailbox, name), None)
        if not watched.readers:
            self._forget(watched)

    def wake(self, key: str) -> None:
        """Somebody says that the task has changed: it is read again, as soon as the rhythm allows."""
        self.look(key)

    def wants(self, key: str) -> bool:
        """Whether anybody watches the task."""
        return key in self._watched

    def whole(self, task: TaskRecord) -> None:
        """What a stream says of a task."""
        watched = self._watched.get(task.key)
        if watched is not None:
            self._heard(watched, watched.course.whole(task))

    def part(self, key: str, part: Part) -> None:
        """What a stream says of a task that is under way."""
        watched = self._watched.get(key)
        if watched is not None:
            self._heard(watched, watched.course.part(part))

    def look(self, key: str) -> None:
        """Read it soon."""
        watched = self._watched.get(key)
        if watched is None:
            return
        if watched.is_reading:
            watched.is_due_again = True
            return
        watched.due = max(asyncio.get_running_loop().time(), watched.read_at + self._rhythm.least)
        self._news.set()

    async def close(self) -> None:
        """End everything; who still reads gets an Unreachable."""
        self._is_closed = True
        for watched in list(self._watched.values()):
            self._tell(watched, watched.course.failed(self._gone()))
        if self._stream is not None:
            await self._stream.close()
        await asyncio.gather(*self._reads, return_exceptions=True)

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            due = self._due(loop.time())
            for first in range(0, len(due), self._batch):
                self._start(due[first : first + self._batch])
            waits = [watched.due for watched in self._watched.values() if not watched.is_reading]
            self._news.clear()
            try:
                async with asyncio.timeout_at(min(waits, default=None)):
                    await self._news.wait()
            except TimeoutError:
                pass

    def _due(self, now: float) -> list[_Watched]:
        """What is to be read now; with it what would be soon, so that one call does for many."""
        idle = [watched for watched in self._watched.values() if not watched.is_reading]
        if not any(watched.due <= now for watched in idle):
            return []
        soon = now + self._rhythm.quick / 4
        rested = now - self._rhythm.quick * 3 / 4
        return [
            watched
            for watched in idle
            if watched.due <= now or (watched.due <= soon and watched.read_at <= rested)
        ]

    def _start(self, batch: list[_Watched]) -> None:
        for watched in batch:
            watched.is_reading = True
            watched.is_due_again = False
            watched.read_at = asyncio.get_running_loop().time()
        reading = asyncio.create_task(self._read(batch))
        self._reads.add(reading)
        reading.add_done_callback(self._reads.discard)

    async def _read(self, batch: list[_Watched]) -> None:
        for watched in batch:
            if watched.course.latest is not None:  # a snapshot may be a second old: what follows makes up
                self._tasks.invalidate(watched.key)
        try:
            keys = [watched.key for watched in batch]
            found = await self._tasks.get(keys, Budget.starting_now(self._seconds))
            for watched in batch:
                watched.is_reading = False
                if self._watched.get(watched.key) is watched:
                    self._arrived(watched, found.get(watched.key))
        except Exception as bug:  # or its readers would wait for ever
            log.error("%s: a watched task cannot be read (%s)", self._provider.label, type(bug).__name__)
            for watched in batch:
                if self._watched.get(watched.key) is watched:
                    self._tell(watched, watched.course.failed(TriptychError("Internal error")))
        self._news.set()

    def _arrived(self, watched: _Watched, outcome: Outcome[TaskRecord]) -> None:
        now = asyncio.get_running_loop().time()
        is_snapshot = watched.course.latest is None
        if isinstance(outcome, TriptychError):
            if self._may_pass(watched, outcome, now):
                pause = outcome.retry_after if isinstance(outcome, SourceError) else None
                watched.due = now + max(pause or 0.0, self._rhythm.interval(now - watched.changed_at))
                return
            update = watched.course.failed(outcome)
        elif outcome is None:
            update = watched.course.absent()
        else:
            watched.failing_since = None
            update = watched.course.whole(outcome)
            latest = watched.course.latest
            task = None if latest is None else latest.task
            if self._remember is not None and task is not None and task is not outcome:
                self._remember(task.key, task)  # queries show no older state than this
        self._tell(watched, update)
        if watched.course.is_over:
            return
        if self._stream is not None and not watched.is_followed:
            watched.is_followed = True
            self._stream.follow(watched.key)
        self._schedule(watched, now)
        if is_snapshot:  # it may be a second old, and nobody has heard of a change since then
            watched.due = now + self._rhythm.quick
        if watched.is_due_again:
            self.look(watched.key)

    def _may_pass(self, watched: _Watched, error: TriptychError, now: float) -> bool:
        """Whether to go on trying: the task was there before, and its source has not failed for long."""
        if watched.course.latest is None or not isinstance(error, SourceError) or not error.retryable:
            return False
        if watched.failing_since is None:
            watched.failing_since = now
        return now - watched.failing_since < self._rhythm.patience or self._is_live(watched)

    def _heard(self, watched: _Watched, update: Update | None) -> None:
        watched.failing_since = None
        if update is not None and update.task is not None and self._remember is not None:
            self._remember(update.task.key, update.task)
        self._tell(watched, update)
        if not watched.course.is_over and not watched.is_reading and watched.course.latest is not None:
            self._schedule(watched, asyncio.get_running_loop().time())

    def _schedule(self, watched: _Watched, now: float) -> None:
        interval = self._rhythm.slow
        if not self._is_live(watched):
            interval = self._rhythm.interval(now - watched.changed_at)
        watched.due = now + interval

    def _is_live(self, watched: _Watched) -> bool:
        return self._stream is not None and self._stream.is_live(watched.key)

    def _tell(self, watched: _Watched, update: Update | None) -> None:
        if update is None:
            return
        watched.changed_at = asyncio.get_running_loop().time()
        self._changed()
        for mailbox, name in watched.readers:
            mailbox.put(name, update)
        if update.is_last:
            watched.readers.clear()
            self._forget(watched)

    def _forget(self, watched: _Watched) -> None:
        del self._watched[watched.key]
        self._places.give_back()
        if self._stream is not None and watched.is_followed:
            self._stream.leave(watched.key)
        if not self._watched:
            for running in (self._running, *self._reads):
                if running is not None and running is not asyncio.current_task():
                    running.cancel()
            self._running = None

    def _gone(self) -> Unreachable:
        return Unreachable(f"The connection to {self._provider.label} was closed", provider=self._provider)
