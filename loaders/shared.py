"""Calls that are under way, each made once however many operations want it.

Lists are asked for by what is wanted of them, not by key, and nothing of them is kept once they have
answered. But a page that is on its way is the same page for whoever asks meanwhile:

    request A: newest 20 ──┐
    request B: newest 20 ──┴─► one call, one reading of its rows

A call belongs to no request: one that leaves cancels nobody else's, and the last one ends it. After a change
at the source, whoever asks does not join what was asked before it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

from loaders import silence
from loaders.errors import TriptychError, Unreachable, bare
from loaders.records import Provider
from loaders.retry import timed_out
from loaders.silence import Audience, Listener, heard_by

T = TypeVar("T")


class Shared(Generic[T]):
    """Of one credential. What a call answers is handed to several, who must not change it.

    heard: how many changes there were so far.
    """

    def __init__(self, provider: Provider, heard: Callable[[], int] = lambda: 0) -> None:
        self._provider = provider
        self._heard = heard
        self._calls: dict[Hashable, _Call[T]] = {}

    async def get(self, key: Hashable, call: Callable[[], Awaitable[T]]) -> T:
        """What the call answers, or raises. key: what it asks.

        Raises TimedOut where the source is silent to this operation, or to the call that it joined. Where
        nobody has said which operation waits (loaders.silence), the call is made for itself alone.
        """
        listener = silence.only_listener()
        if listener is None:
            return await call()
        heard, found = self._heard(), self._calls.get(key)
        if found is None or found.is_over or found.heard != heard:
            found = self._calls[key] = _Call(self._provider, call, heard)
        try:
            return await found.wait(listener)
        finally:
            if found.is_over and self._calls.get(key) is found:
                del self._calls[key]


class _Call(Generic[T]):
    """One call, and the operations that wait for it. heard: changes, when it began."""

    def __init__(self, provider: Provider, call: Callable[[], Awaitable[T]], heard: int) -> None:
        self.heard = heard
        self._provider = provider
        self._audience = Audience(self._fall_silent)
        self._waiters: dict[asyncio.Future[T], Listener] = {}
        self._task = asyncio.create_task(self._made(call))
        self._task.add_done_callback(self._tell)

    @property
    def is_over(self) -> bool:
        """Whether nobody can join it any more: it has ended, or the last of those who waited has ended it."""
        return self._task.done() or not self._waiters

    async def wait(self, listener: Listener) -> T:
        """Its answer, for one operation."""
        waiter: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiters[waiter] = listener
        self._audience.add(listener)
        try:
            return await waiter
        except asyncio.CancelledError:
            if len(self._waiters) == 1:
                self._task.cancel()
            raise
        finally:
            del self._waiters[waiter]
            self._audience.remove(listener)

    async def _made(self, call: Callable[[], Awaitable[T]]) -> T:
        with heard_by(self._audience):
            return await call()

    def _tell(self, task: asyncio.Task[T]) -> None:
        self._audience.close()  # which holds this, as this holds it
        failure = None if task.cancelled() else task.exception()
        if isinstance(failure, TriptychError):
            failure = bare(failure)
        for waiter in self._waiters:
            if waiter.done():
                continue
            if task.cancelled():
                gone = f"The connection to {self._provider.label} was closed"
                waiter.set_exception(Unreachable(gone, provider=self._provider))
            elif failure is not None:
                waiter.set_exception(failure)
            else:
                waiter.set_result(task.result())

    def _fall_silent(self, listener: Listener) -> None:
        for waiter, waiting in self._waiters.items():
            if waiting is listener and not waiter.done():
                waiter.set_exception(timed_out(self._provider))
