"""A key that is under way, and the operations that wait for it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from loaders.budget import Budget
from loaders.outcome import Outcome, Outcomes
from loaders.silence import Audience, Listener

V = TypeVar("V")


class Wait(Generic[V]):
    """One look-up of several keys by one operation. found: what has come; flights: what has not, by key."""

    def __init__(self, budget: Budget) -> None:
        self.budget = budget
        self.found: Outcomes[V] = {}
        self.flights: dict[str, Flight[V]] = {}
        self._over = asyncio.get_running_loop().create_future()

    def join(self, flight: Flight[V]) -> None:
        """Wait for it, too."""
        self.flights[flight.key] = flight
        flight.waits.append(self)
        if flight.audience is not None:
            flight.audience.add(self.budget)

    def tell(self, key: str, outcome: Outcome[V]) -> None:
        """What became of a key. The flight has let go of this already."""
        del self.flights[key]
        if outcome is not None:
            self.found[key] = outcome
        if not self.flights and not self._over.done():
            self._over.set_result(None)

    def fail(self, bug: Exception) -> None:
        """It is raised where the look-up waits."""
        if not self._over.done():
            self._over.set_exception(bug)

    async def until(self, deadline: float) -> None:
        """Wait for every key, at most until then. Bugs raise."""
        left = deadline - asyncio.get_running_loop().time()
        await asyncio.wait([self._over], timeout=max(0.0, left))
        if self._over.done():
            self._over.result()

    def leave(self) -> Iterable[Flight[V]]:
        """Wait no longer; the flights that were waited for."""
        left = list(self.flights.values())
        for flight in left:
            flight.left_by(self)
        self.flights.clear()
        if not self._over.cancel():
            self._over.exception()  # else a bug that nobody waits for any more is "never retrieved"
        return left


@dataclass(eq=False, slots=True)
class Flight(Generic[V]):
    """audience: of the call that it is part of; None until it is sent. is_kept: whether its answer may be
    remembered, and joined by later look-ups; not if its key has been invalidated since it was sent.
    """

    key: str
    waits: list[Wait[V]] = field(default_factory=list)
    audience: Audience | None = None
    is_kept: bool = True

    def send(self, audience: Audience) -> None:
        """It is part of a call from now on."""
        self.audience = audience
        for wait in self.waits:
            audience.add(wait.budget)

    def settle(self, outcome: Outcome[V]) -> None:
        """Tell everybody who waits."""
        for wait in self._landed():
            wait.tell(self.key, outcome)

    def fail(self, bug: Exception) -> None:
        """Raise it to everybody who waits."""
        for wait in self._landed():
            wait.flights.pop(self.key, None)
            wait.fail(bug)

    def give_up(self, listener: Listener, outcome: Outcome[V]) -> None:
        """Tell the waits of that operation alone; the others go on waiting."""
        for wait in [wait for wait in self.waits if wait.budget is listener]:
            self.left_by(wait)
            wait.tell(self.key, outcome)

    def left_by(self, wait: Wait[V]) -> None:
        """One waits no longer."""
        self.waits.remove(wait)
        if self.audience is not None:
            self.audience.remove(wait.budget)

    def _landed(self) -> list[Wait[V]]:
        waits, self.waits = self.waits, []
        self.audience = None  # which holds its flights: without this, each look-up leaves cyclic garbage
        return waits
