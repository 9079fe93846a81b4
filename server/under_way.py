"""Requests that are being executed, each once for all who ask the same meanwhile.

A page that a hundred browsers want in the same moment is executed for the first of them, and the others wait
for its answer:

    request A: { tasks … } ──┐
    request B: { tasks … } ──┴─► one execution, one answer, sent to both

Requests are the same where their bodies, their callers' roles and the forms of their answers are. Nothing is
kept once it is there (server.answers does that): whoever comes after the answer, JOINABLE seconds after the
beginning, or after a change that this server has heard of, has it executed anew, as everybody has whom an
execution that fails leaves without an answer. An execution belongs to whoever asked first, and goes on
without him for as long as somebody else waits.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

from starlette.types import Receive

from loaders.changes import Changes
from server.graphql.departure import EndedByDeparture

JOINABLE = 1.0  # seconds; a running task is remembered for as long
SHARE = 0.1  # of its deadline, at most: who joins has so much less time

T = TypeVar("T")


class UnderWay(Generic[T]):
    """Those of one server. deadline: of each, in seconds. is_on: whether anything is shared."""

    def __init__(self, changes: Changes, deadline: float, *, is_on: bool = True) -> None:
        self._changes = changes
        self._joinable = min(JOINABLE, deadline * SHARE)
        self._is_on = is_on
        self._executions: dict[Hashable, _Execution[T]] = {}

    def __len__(self) -> int:
        return len(self._executions)

    async def get(self, key: Hashable, receive: Receive, execute: Callable[[], Awaitable[T]]) -> T:
        """What `execute` answers, here or for whoever asked before. Raises ClientDisconnect."""
        now, heard = asyncio.get_running_loop().time(), self._changes.count
        found = self._executions.get(key) if self._is_on else None
        if found is not None and now <= found.begun + self._joinable and found.heard == heard:
            async with EndedByDeparture(receive):
                outcome = await found.joined()
            if outcome is not None:
                return outcome
        own: _Execution[T] = _Execution(now, heard)
        self._executions[key] = own
        outcome = None
        try:
            async with EndedByDeparture(receive, own.goes_on) as own.departure:
                outcome = await execute()
            return outcome
        finally:
            if self._executions.get(key) is own:
                del self._executions[key]
            own.end(outcome)


class _Execution(Generic[T]):
    """begun: on the event loop's clock. heard: changes, until then. departure: of whoever executes it."""

    __slots__ = ("_is_left", "_waiting", "begun", "departure", "heard")

    def __init__(self, begun: float, heard: int) -> None:
        self.begun = begun
        self.heard = heard
        self.departure: EndedByDeparture | None = None
        self._is_left = False
        self._waiting: set[asyncio.Future[T | None]] = set()

    def goes_on(self) -> bool:
        """Its own client has left: it goes on where others wait, until the last of them leaves."""
        self._is_left = bool(self._waiting)
        return self._is_left

    async def joined(self) -> T | None:
        """The outcome; None where there is none, because it was cancelled."""
        waiting: asyncio.Future[T | None] = asyncio.get_running_loop().create_future()
        self._waiting.add(waiting)
        try:
            return await waiting
        finally:
            self._waiting.discard(waiting)
            if self._is_left and not self._waiting and self.departure is not None:
                self.departure.end()

    def end(self, outcome: T | None) -> None:
        """Tell those who wait."""
        self.departure = None
        waiting, self._waiting = self._waiting, set()
        for one in waiting:
            if not one.done():
                one.set_result(outcome)
