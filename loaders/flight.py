"""Keys that are under way together, and the operations that wait for them."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from loaders.budget import Budget
from loaders.errors import TriptychError
from loaders.outcome import Outcomes
from loaders.silence import Audience, Listener

V = TypeVar("V")


class Wait(Generic[V]):
    """One look-up of several keys by one operation. found: what has come.

    flights: what has not, and which keys of each are wanted.
    """

    def __init__(self, budget: Budget) -> None:
        self.budget = budget
        self.found: Outcomes[V] = {}
        self.flights: dict[Flight[V], Collection[str]] = {}
        self._over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._bug: Exception | None = None

    def join(self, flight: Flight[V], keys: Collection[str]) -> None:
        """Wait for these of its keys, too; once for each flight."""
        self.flights[flight] = flight.waits[self] = keys
        if flight.audience is not None:
            flight.audience.add(self.budget)

    def tell(self, flight: Flight[V], outcomes: Outcomes[V]) -> None:
        """What became of the flight's keys. It has let go of this already."""
        keys = self.flights.pop(flight)
        if keys is flight.keys:
            self.found.update(outcomes)
        else:
            self.found.update({key: outcomes[key] for key in keys if key in outcomes})
        if not self.flights:
            self._end()

    def fail(self, flight: Flight[V], bug: Exception) -> None:
        """It is raised where the look-up waits."""
        self.flights.pop(flight, None)
        self._bug = bug
        self._end()

    async def until(self, deadline: float) -> None:
        """Wait for every key, at most until then. Bugs raise."""
        timer = asyncio.get_running_loop().call_at(deadline, self._end)
        try:
            await self._over
        finally:
            timer.cancel()
        if self._bug is not None:
            try:
                raise self._bug
            finally:
                self._bug = None  # whose traceback holds this

    def leave(self) -> Mapping[Flight[V], Collection[str]]:
        """Wait no longer; the flights that were waited for, and for which of their keys."""
        left, self.flights = self.flights, {}
        for flight in left:
            flight.left_by(self)
        return left

    def _end(self) -> None:
        if not self._over.done():
            self._over.set_result(None)


@dataclass(eq=False, slots=True)
class Flight(Generic[V]):
    """keys: what one look-up was first to ask for, at most a call's. waits: who wants all or some of them.

    owner: in whose queue it waits to be sent. audience: of the call that it is part of; None until it is
    sent. changed: keys whose answers may not be remembered, because they were invalidated since it was sent.
    """

    keys: list[str]
    waits: dict[Wait[V], Collection[str]] = field(default_factory=dict)
    audience: Audience | None = None
    changed: set[str] = field(default_factory=set)
    owner: Hashable = None

    def __len__(self) -> int:
        return len(self.keys)

    def split(self, count: int) -> Flight[V]:
        """A flight of the first so many keys, which are its own no longer. Only before it is sent."""
        first: Flight[V] = Flight(self.keys[:count])
        keys, self.keys = self.keys, self.keys[count:]
        for wait, wanted in list(self.waits.items()):
            for flight in (first, self):
                part = flight.keys if wanted is keys else [key for key in flight.keys if key in wanted]
                if part:
                    wait.join(flight, part)
                elif flight is self:
                    self.left_by(wait)
                    del wait.flights[self]
        return first

    def trim(self) -> list[str]:
        """Let go of keys that nobody wants any more; those keys."""
        if any(wanted is self.keys for wanted in self.waits.values()):
            return []
        wanted = set().union(*self.waits.values())
        unwanted = [key for key in self.keys if key not in wanted]
        if unwanted:
            self.keys = [key for key in self.keys if key in wanted]
        return unwanted

    def send(self, audience: Audience) -> None:
        """It is part of a call from now on."""
        self.audience = audience
        for wait in self.waits:
            audience.add(wait.budget)

    def settle(self, outcomes: Outcomes[V]) -> None:
        """Tell everybody who waits. outcomes: by key, of none but its keys; absent ones have none."""
        for wait in self._landed():
            wait.tell(self, outcomes)

    def fail(self, bug: Exception) -> None:
        """Raise it to everybody who waits."""
        for wait in self._landed():
            wait.fail(self, bug)

    def give_up(self, listener: Listener, error: TriptychError) -> None:
        """Tell the waits of that operation alone; the others go on waiting."""
        for wait in [wait for wait in self.waits if wait.budget is listener]:
            self.left_by(wait)
            wait.tell(self, dict.fromkeys(wait.flights[self], error))

    def left_by(self, wait: Wait[V]) -> None:
        """One waits no longer."""
        del self.waits[wait]
        if self.audience is not None:
            self.audience.remove(wait.budget)

    def _landed(self) -> Iterable[Wait[V]]:
        waits, self.waits = self.waits, {}
        self.audience = None  # which holds its flights: without this, each look-up leaves cyclic garbage
        return waits
