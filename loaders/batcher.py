"""Many look-ups, few calls.

One batcher serves one kind of thing for one credential, for the life of the process, under the
per-operation dataloaders. It
    - remembers       (loaders.cache),
    - shares          a key that is being fetched is not fetched again: whoever asks waits for the same call,
    - joins           the few keys of one request with the few of another of the same tick:
                      request A {1,2}, request B {2,3}  ->  one call {1,2,3},
    - chunks          1,000 keys at 25 a chunk -> 40 calls, several at a time.
A fetch belongs to no request. Each waiter has its own deadline; one that leaves cancels nobody else.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Generic, TypeVar

from loaders.cache import Cache
from loaders.errors import TimedOut, Unreachable
from loaders.records import Provider

V = TypeVar("V")
Found = Mapping[str, V | Exception]  # by key; an absent key has no entry

CALLS_AT_ONCE = 8  # of large requests; small ones have as many of their own, and never queue behind

log = logging.getLogger(__name__)


class Batcher(Generic[V]):
    """fetch: keys -> what was found, or why not, by key. chunk: how many keys one call may carry, now."""

    def __init__(
        self,
        fetch: Callable[[list[str]], Awaitable[Found[V]]],
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
        self._small = asyncio.Semaphore(calls_at_once)
        self._flying: dict[str, asyncio.Future[V | Exception | None]] = {}
        self._left_over: list[str] = []
        self._calls: set[asyncio.Task[None]] = set()

    async def get(self, keys: Iterable[str], deadline: float) -> dict[str, V | Exception]:
        """What is behind each key. Absent keys are absent; a failed one holds its error.

        deadline: on the event loop's clock; what is not there by then is a TimedOut of this caller alone.
        """
        found: dict[str, V | Exception] = {}
        waiting: dict[str, asyncio.Future[V | Exception | None]] = {}
        fresh: list[str] = []
        loop = asyncio.get_running_loop()
        for key in keys:
            if key in waiting or key in found:
                continue
            if (flying := self._flying.get(key)) is not None:
                waiting[key] = flying
            elif (known := self._cache.get(key)) is not None:
                found[key] = known
            else:
                waiting[key] = self._flying[key] = loop.create_future()
                fresh.append(key)
        if fresh:
            self._dispatch(fresh)
        if waiting:
            await asyncio.wait(waiting.values(), timeout=deadline - loop.time())
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

    def forget(self, key: str) -> None:
        """After a change at the source: the next look-up asks again."""
        self._cache.drop(key)

    async def close(self) -> None:
        """Let go of what is under way; its waiters get an Unreachable."""
        for call in self._calls:
            call.cancel()
        await asyncio.gather(*self._calls, return_exceptions=True)

    def _dispatch(self, keys: list[str]) -> None:
        size = self._chunk()
        lane = self._bulk if len(keys) > size * self._calls_at_once else self._small
        whole = len(keys) - len(keys) % size
        for start in range(0, whole, size):
            self._start(keys[start : start + size], lane)
        if whole < len(keys):
            if not self._left_over:
                asyncio.get_running_loop().call_soon(self._flush)
            self._left_over += keys[whole:]

    def _flush(self) -> None:
        keys, self._left_over = self._left_over, []
        size = self._chunk()
        for start in range(0, len(keys), size):
            self._start(keys[start : start + size], self._small)

    def _start(self, keys: list[str], lane: asyncio.Semaphore) -> None:
        call = asyncio.create_task(self._call(keys, lane))
        self._calls.add(call)
        call.add_done_callback(self._calls.discard)

    async def _call(self, keys: list[str], lane: asyncio.Semaphore) -> None:
        found: Found[V] = {}
        try:
            async with lane:
                found = await self._fetch(keys)
        except asyncio.CancelledError:
            gone = Unreachable(
                f"{self._provider.label} was left while it was being asked", provider=self._provider
            )
            found = dict.fromkeys(keys, gone)
        except Exception as error:  # every waiter gets it, and the graph shows and logs it
            found = dict.fromkeys(keys, error)
        for key in keys:
            value = found.get(key)
            if value is not None and not isinstance(value, Exception):
                self._cache.put(key, value)
            self._flying.pop(key).set_result(value)
