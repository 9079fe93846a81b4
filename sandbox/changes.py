"""The changes of tasks that move with time, reported when they happen, however far the clock is stepped."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Generic, Protocol, Self, TypeVar

from sandbox.clock import Clock
from sandbox.schedule import Schedule


class Moving(Protocol):
    """A task with a schedule."""

    @property
    def schedule(self) -> Schedule | None:
        """None: it stands still."""

    def at(self, now: float) -> Self:
        """As it is at this instant."""


T = TypeVar("T", bound=Moving)


class Changes(Generic[T]):
    """One upstream's. Listeners are called in the order of the changes, each with the task as it then is."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._listeners: list[Callable[[T], None]] = []
        self._due: list[tuple[float, int, Schedule, Callable[[], T | None]]] = []
        self._numbers = count()  # so that equal instants keep their order

    def __len__(self) -> int:
        """How many listen."""
        return len(self._listeners)

    def listen(self, listener: Callable[[T], None]) -> None:
        """Call this for every change from now on."""
        self._listeners.append(listener)

    @contextmanager
    def queue(self) -> Iterator[asyncio.Queue[T]]:
        """Every change while the block lasts."""
        found: asyncio.Queue[T] = asyncio.Queue()
        self._listeners.append(found.put_nowait)
        try:
            yield found
        finally:
            self._listeners.remove(found.put_nowait)

    def report(self, task: T) -> None:
        """This task has just changed."""
        for listener in list(self._listeners):
            listener(task)

    def follow(self, record: Callable[[], T | None], *instants: float) -> None:
        """Report a task at these instants of its schedule. record: None, or another schedule, ends that."""
        task = record()
        if task is None or task.schedule is None:
            return
        for instant in instants:
            heapq.heappush(self._due, (instant, next(self._numbers), task.schedule, record))
        self._clock.wake()

    async def run(self) -> None:
        """Forever: in the background of the application."""
        while True:
            while self._due and self._due[0][0] <= self._clock():
                instant, _, schedule, record = heapq.heappop(self._due)
                task = record()
                if task is not None and task.schedule == schedule:
                    self.report(task.at(instant))
            await self._clock.wait(self._due[0][0] if self._due else None)
