"""Many look-ups, few calls.

One batcher serves one kind of thing for one credential, for the life of the process, under the
per-operation dataloaders. It
    - remembers       (loaders.cache), absence for some seconds,
    - shares          a key that is being fetched is not fetched again: whoever asks waits for the same call,
    - joins           the few keys of one request with the few of another, of the same tick, and of all
                      that come while every place is taken:
                      request A {1,2}, request B {2,3}  ->  one call {1,2,3},
    - chunks          1,000 keys at 25 a chunk -> 40 calls, several at a time,
    - takes turns     a small request passes a large one, and what nobody waits for any more is not sent.
A fetch belongs to no request. Each waiter has its own deadline; one that leaves cancels nobody else.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Generic, TypeVar

from loaders.budget import Budget
from loaders.cache import ABSENT, CHANGED, Cache, Kept, absence_lifetime, change_lifetime
from loaders.errors import Throttled, TriptychError, Unreachable, bare
from loaders.flight import Flight, Wait
from loaders.observer import SILENT, Observer
from loaders.outcome import Outcomes
from loaders.pace import Pace
from loaders.records import Provider
from loaders.retry import timed_out
from loaders.silence import Audience, Listener, heard_by
from loaders.turns import Lane

V = TypeVar("V")
CALLS_AT_ONCE = 8  # of large requests; small ones have places of their own, and never queue behind

log = logging.getLogger(__name__)


class Batcher(Generic[V]):
    """fetch: keys -> what was found, or why not, by key. chunk: how many keys one call may carry, now.

    calls_at_once: of requests that take more than so many full calls. small_at_once: of the others; None: as
    many. pace: how fast calls may be made; what it has no time for is refused at once. None: as fast as may
    be.
    """

    def __init__(
        self,
        fetch: Callable[[list[str]], Awaitable[Outcomes[V]]],
        *,
        provider: Provider,
        cache: Cache[V],
        chunk: Callable[[], int],
        calls_at_once: int = CALLS_AT_ONCE,
        small_at_once: int | None = None,
        pace: Pace | None = None,
        observer: Observer = SILENT,
    ) -> None:
        self._fetch = fetch
        self._provider = provider
        self._cache = cache
        self._absent: Cache[bool] = Cache(absence_lifetime, keeps=ABSENT)
        self._changed: Cache[bool] = Cache(change_lifetime, keeps=CHANGED)
        self._chunk = chunk
        self._pace = pace
        self._observer = observer
        self._bulk: Lane[V] = Lane(calls_at_once, self._forget)
        self._small: Lane[V] = Lane(small_at_once or calls_at_once, self._forget)
        self._in_flight: dict[str, Flight[V]] = {}
        self._calls: set[asyncio.Task[None]] = set()
        self._is_due = False  # whether this tick's keys are about to be sent
        self._is_closed = False

    async def get(self, keys: Iterable[str], budget: Budget) -> Outcomes[V]:
        """What is behind each key, or why it is not known; an absent key has no entry. Bugs raise.

        What is not there by the budget's deadline is a TimedOut of this caller alone.
        """
        wait: Wait[V] = Wait(budget)
        fresh = self._join(wait, keys)
        if fresh:
            self._dispatch(wait, fresh)
        if not wait.flights:
            return wait.found
        try:
            await wait.until(budget.deadline)
        finally:
            late = wait.leave()
            if late:
                self._forget_unsent(late)
        for unanswered in late.values():
            wait.found |= dict.fromkeys(unanswered, timed_out(self._provider))
        return wait.found

    def kept(self, key: str, /) -> Kept[V] | None:
        """The value in the cache; None where there is none."""
        return self._cache.kept(key)

    def hit(self, keys: int, /) -> None:
        """Tell the observer."""
        self._observer.cache_hit(self._provider, keys)

    def prime(self, values: Mapping[str, V]) -> None:
        """Remember what a list has brought along, unless it may have been asked before the key changed."""
        if self._changed:
            values = {key: value for key, value in values.items() if not self._changed.get(key)}
        self._cache.put_all(values)
        if self._absent:
            for key in values:
                self._absent.drop(key)

    def invalidate(self, key: str) -> None:
        """After a change at the source: later look-ups ask anew, and what is in flight is not kept.

        Those who wait for it already still get it.
        """
        self._cache.drop(key)
        self._absent.drop(key)
        self._changed.put(key, True)
        flight = self._in_flight.get(key)
        if flight is not None and flight.audience is not None:
            flight.changed.add(key)
            del self._in_flight[key]

    def renew(self, key: str, value: V) -> None:
        """Remember what is newer than anything that is in flight or about to be listed."""
        self.invalidate(key)
        self._cache.put(key, value)

    async def close(self) -> None:
        """Let go of what is under way or waits to be; whoever waits, or asks later, gets an Unreachable."""
        self._is_closed = True
        for call in self._calls:
            call.cancel()
        await asyncio.gather(*self._calls, return_exceptions=True)
        for flight in set(self._in_flight.values()):
            flight.settle(dict.fromkeys(flight.keys, self._gone()))
        for lane in (self._bulk, self._small):
            lane.queue.clear()
        self._in_flight.clear()
        self._cache.clear()
        self._absent.clear()
        self._changed.clear()

    def _gone(self) -> Unreachable:
        return Unreachable(f"The connection to {self._provider.label} was closed", provider=self._provider)

    def _join(self, wait: Wait[V], keys: Iterable[str]) -> list[str]:
        # what is known is found, what is under way is waited for; the rest is returned
        keys = dict.fromkeys(keys)
        wait.found.update(self._cache.known(keys))
        hits = len(wait.found)
        joined: dict[Flight[V], list[str]] = {}
        fresh: list[str] = []
        for key in keys:
            if key in wait.found:
                continue
            if (flight := self._in_flight.get(key)) is not None:
                joined.setdefault(flight, []).append(key)
            elif self._absent and self._absent.get(key):
                hits += 1
            else:
                fresh.append(key)
        for flight, wanted in joined.items():
            wait.join(flight, wanted)
        if hits:
            self._observer.cache_hit(self._provider, hits)
        if joined:
            self._observer.fetch_shared(self._provider, sum(map(len, joined.values())))
        return fresh

    def _dispatch(self, wait: Wait[V], keys: list[str]) -> None:
        if self._is_closed:
            wait.found |= dict.fromkeys(keys, self._gone())
            return
        size = self._chunk()
        lane = self._bulk if len(keys) > size * self._bulk.places else self._small
        keys = self._in_time(wait, keys, lane, size)
        try:
            wait.budget.spend_calls(-(-len(keys) // size))
        except TriptychError:
            wait.leave()
            raise
        for start in range(0, len(keys), size):
            flight: Flight[V] = Flight(keys[start : start + size])
            wait.join(flight, flight.keys)
            self._in_flight.update(dict.fromkeys(flight.keys, flight))
            # what is left over after the last whole chunk goes with the few keys of others
            (lane if len(flight) == size else self._small).queue.add(wait.budget, flight)
        if not self._is_due:
            self._is_due = True
            asyncio.get_running_loop().call_soon(self._send)

    def _in_time(self, wait: Wait[V], keys: list[str], lane: Lane[V], size: int) -> list[str]:
        # A hundred seconds of queue before a deadline of thirty: what cannot be sent by then is refused now.
        if self._pace is None:
            return keys
        left = max(0.0, wait.budget.deadline - asyncio.get_running_loop().time())

        def seconds(count: int) -> float:
            assert self._pace is not None
            return self._pace.seconds_for(-(-lane.queue.before(wait.budget, count) // size))

        fits = len(keys)
        while fits and seconds(fits) > left:
            fits = min(fits - 1, int(fits * left / seconds(fits)))
        if fits < len(keys):
            wait.found |= dict.fromkeys(keys[fits:], self._busy(seconds(len(keys)) - left))
        return keys[:fits]

    def _busy(self, seconds: float) -> Throttled:
        return Throttled(
            f"Too many requests are waiting for {self._provider.label}",
            provider=self._provider,
            retry_after=round(seconds, 3),
        )

    def _send(self) -> None:
        self._is_due = False
        for lane in (self._bulk, self._small):
            while flights := lane.next(self._chunk()):
                lane.taken += 1
                for flight in flights:  # one that was split is another one for some of its keys
                    self._in_flight.update(dict.fromkeys(flight.keys, flight))
                call = asyncio.create_task(self._call(lane, flights))
                self._calls.add(call)
                call.add_done_callback(self._calls.discard)

    async def _call(self, lane: Lane[V], flights: list[Flight[V]]) -> None:
        flights = [flight for flight in flights if flight.waits]
        audience = Audience(lambda listener: self._fall_silent(flights, listener))
        keys: list[str] = []
        for flight in flights:
            self._forget(flight, flight.trim())
            flight.send(audience)
            keys += flight.keys
        found: Outcomes[V] = {}
        try:
            with heard_by(audience):
                found = await self._fetch(keys) if keys else {}
        except TriptychError as error:
            found = dict.fromkeys(keys, bare(error))
        except asyncio.CancelledError:
            self._land(flights, dict.fromkeys(keys, self._gone()))
            raise
        except Exception as bug:  # raised to every waiter
            for flight in flights:
                self._forget(flight, flight.keys)
                flight.fail(bug)
            return
        finally:
            lane.taken -= 1
            if not self._is_closed:
                self._send()
        self._land(flights, found)

    def _land(self, flights: list[Flight[V]], found: Outcomes[V]) -> None:
        for flight in flights:
            self._forget(flight, flight.keys)
            outcomes = {key: found[key] for key in flight.keys if key in found}
            self._keep(flight, outcomes)
            flight.settle(outcomes)

    def _keep(self, flight: Flight[V], outcomes: Outcomes[V]) -> None:
        changed = flight.changed
        self._cache.put_all(
            {
                key: outcome
                for key, outcome in outcomes.items()
                if not isinstance(outcome, TriptychError) and key not in changed
            }
        )
        if len(outcomes) < len(flight.keys):
            absent = (key for key in flight.keys if key not in outcomes and key not in changed)
            self._absent.put_all(dict.fromkeys(absent, True))

    def _forget(self, flight: Flight[V], keys: Iterable[str]) -> None:
        # whoever asks for them from now on does not join it
        for key in keys:
            if self._in_flight.get(key) is flight:
                del self._in_flight[key]

    def _fall_silent(self, flights: list[Flight[V]], listener: Listener) -> None:
        for flight in flights:
            flight.give_up(listener, timed_out(self._provider))

    def _forget_unsent(self, flights: Iterable[Flight[V]]) -> None:
        # what nobody waits for any more is not sent
        unsent = [flight for flight in flights if flight.audience is None and not flight.waits]
        for flight in unsent:
            self._forget(flight, flight.keys)
        for owner in {flight.owner for flight in unsent}:
            for lane in (self._bulk, self._small):
                lane.queue.drop_unwanted(owner)
