"""Many look-ups, few calls.

One batcher serves one kind of thing for one credential, for the life of the process, under the
per-operation dataloaders. It
    - remembers       (loaders.cache),
    - shares          a key that is being fetched is not fetched again: whoever asks waits for the same call,
    - joins           the few keys of one request with the few of another, of the same tick, and of all
                      that come while every place is taken:
                      request A {1,2}, request B {2,3}  ->  one call {1,2,3},
    - chunks          1,000 keys at 25 a chunk -> 40 calls, several at a time.
A fetch belongs to no request. Each waiter has its own deadline; one that leaves cancels nobody else.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from typing import Any, Generic, TypeVar

from loaders.budget import Budget
from loaders.cache import Cache
from loaders.errors import TimedOut, TriptychError, Unreachable
from loaders.outcome import Outcome, Outcomes
from loaders.records import Provider

V = TypeVar("V")
CALLS_AT_ONCE = 8  # of large requests; small ones have as many of their own, and never queue behind

log = logging.getLogger(__name__)


class Batcher(Generic[V]):
    """fetch: keys -> what was found, or why not, by key. chunk: how many keys one call may carry, now."""

    def __init__(
        self,
        fetch: Callable[[list[str]], Awaitable[Outcomes[V]]],
        *,
        provider: Provider,
        cache: Cache[V],
        chunk: Callable[[], int],
        calls_at_once: int = CALLS_AT_ONCE,
    ) -> None:
        self._fetch = fetch
        self._provider = provider
        self._cache = cache
        self._chunk = chunk
        self._calls_at_once = calls_at_once
        self._bulk = asyncio.Semaphore(calls_at_once)
        self._small_calls = 0
        self._in_flight: dict[str, asyncio.Future[Outcome[V]]] = {}
        self._pending: list[str] = []
        self._calls: set[asyncio.Task[None]] = set()

    async def get(self, keys: Iterable[str], budget: Budget) -> Outcomes[V]:
        """What is behind each key, or why that is not told; an absent key has no entry. Bugs raise.

        What is not there by the budget's deadline is a TimedOut of this caller alone.
        """
        found: Outcomes[V] = {}
        waiting: dict[str, asyncio.Future[Outcome[V]]] = {}
        fresh: list[str] = []
        loop = asyncio.get_running_loop()
        for key in keys:
            if key in waiting or key in found:
                continue
            if (flying := self._in_flight.get(key)) is not None:
                waiting[key] = flying
            elif (known := self._cache.get(key)) is not None:
                found[key] = known
            else:
                waiting[key] = self._in_flight[key] = loop.create_future()
                fresh.append(key)
        if fresh:
            self._dispatch(fresh, budget)
        if waiting:
            await asyncio.wait(waiting.values(), timeout=budget.deadline - loop.time())
        for key, future in waiting.items():
            if not future.done():
                found[key] = TimedOut(
                    f"{self._provider.label} did not answer in time", provider=self._provider
                )
            elif (value := future.result()) is not None:
                found[key] = value
        return found

    def prime(self, key: str, value: V) -> None:
        """Remember what a list has brought along."""
        self._cache.put(key, value)

    def invalidate(self, key: str) -> None:
        """After a change at the source: the next look-up asks again."""
        self._cache.drop(key)

    async def close(self) -> None:
        """Let go of what is under way, and of what waits to be; its waiters get an Unreachable."""
        self._pending = []
        for call in self._calls:
            call.cancel()
        await asyncio.gather(*self._calls, return_exceptions=True)
        gone = Unreachable(
            f"{self._provider.label} was left while it was being asked", provider=self._provider
        )
        for future in self._in_flight.values():
            future.set_result(gone)
        self._in_flight.clear()

    def _dispatch(self, keys: list[str], budget: Budget) -> None:
        size = self._chunk()
        budget.spend_calls(-(-len(keys) // size))
        if len(keys) > size * self._calls_at_once:
            whole = len(keys) - len(keys) % size
            for start in range(0, whole, size):
                self._start(self._call_in_turn(keys[start : start + size]))
            keys = keys[whole:]
        if keys:
            self._pending += keys
            asyncio.get_running_loop().call_soon(self._flush)

    def _flush(self) -> None:
        # while every place is taken the keys stay, and those of later requests join them
        while self._pending and self._small_calls < self._calls_at_once:
            size = self._chunk()
            keys, self._pending = self._pending[:size], self._pending[size:]
            self._small_calls += 1
            self._start(self._call_at_once(keys))

    def _start(self, coroutine: Coroutine[Any, Any, None]) -> None:
        call = asyncio.create_task(coroutine)
        self._calls.add(call)
        call.add_done_callback(self._calls.discard)

    async def _call_in_turn(self, keys: list[str]) -> None:
        async with self._bulk:
            await self._call(keys)

    async def _call_at_once(self, keys: list[str]) -> None:
        try:
            await self._call(keys)
        finally:
            self._small_calls -= 1
            self._flush()

    async def _call(self, keys: list[str]) -> None:
        found: Outcomes[V]
        try:
            found = await self._fetch(keys)
        except TriptychError as error:
            found = dict.fromkeys(keys, error)
        except Exception as bug:  # raised to every waiter
            for key in keys:
                self._in_flight.pop(key).set_exception(bug)
            return
        for key in keys:
            self._in_flight.pop(key).set_result(found.get(key))
        for key, value in found.items():
            if not isinstance(value, TriptychError):
                self._cache.put(key, value)
