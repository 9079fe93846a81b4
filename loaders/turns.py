"""What waits to be sent, shared round-robin between those who wait for it.

request A: 2,000 keys, request B: 20 keys   ->   A B A B … : B's last one is the 40th, not the 2,020th
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from loaders.flight import Flight

V = TypeVar("V")


@dataclass(slots=True)
class _Queue(Generic[V]):
    """One owner's. keys: of all its flights."""

    flights: deque[Flight[V]] = field(default_factory=deque)
    keys: int = 0


class Turns(Generic[V]):
    """A queue per owner. Whoever takes gets one owner's keys, and the next one's where there is space.

    forget: is told of keys that a flight has let go of, because nobody wants them any more.
    """

    def __init__(self, forget: Callable[[Flight[V], Sequence[str]], None]) -> None:
        self._forget = forget
        self._queues: OrderedDict[Hashable, _Queue[V]] = OrderedDict()

    def __bool__(self) -> bool:
        return bool(self._queues)

    def add(self, owner: Hashable, flight: Flight[V]) -> None:
        """Behind what that owner has waiting already."""
        queue = self._queues.get(owner)
        if queue is None:
            queue = self._queues[owner] = _Queue()
        flight.owner = owner
        queue.flights.append(flight)
        queue.keys += len(flight)

    def take(self, count: int) -> list[Flight[V]]:
        """At most so many keys; an owner who has more left is at the end of the round then.

        A flight that is too long is split, once it has let go of what nobody wants: no part is nobody's.
        """
        taken: list[Flight[V]] = []
        while self._queues and count:
            owner, queue = self._queues.popitem(last=False)
            while queue.flights and count:
                first = queue.flights[0]
                if len(first) > count:
                    unwanted = first.trim()
                    queue.keys -= len(unwanted)
                    self._forget(first, unwanted)
                first = first.split(count) if len(first) > count else queue.flights.popleft()
                taken.append(first)
                queue.keys -= len(first)
                count -= len(first)
            if queue.flights:
                self._queues[owner] = queue
        return taken

    def drop_unwanted(self, owner: Hashable) -> None:
        """Drop what that owner has waiting and nobody waits for any more."""
        queue = self._queues.pop(owner, None)
        if queue is not None and (left := [flight for flight in queue.flights if flight.waits]):
            self._queues[owner] = _Queue(deque(left), sum(map(len, left)))

    def clear(self) -> None:
        """Drop everything."""
        self._queues.clear()

    def before(self, owner: Hashable, count: int) -> int:
        """How many keys are taken until the last of `count` more of that owner's is."""
        own = count + (self._queues[owner].keys if owner in self._queues else 0)
        return own + sum(min(own, queue.keys) for other, queue in self._queues.items() if other != owner)


class Lane(Generic[V]):
    """Places for calls, and what waits for one. forget: as in Turns."""

    def __init__(self, places: int, forget: Callable[[Flight[V], Sequence[str]], None]) -> None:
        self.places = places
        self.taken = 0
        self.queue: Turns[V] = Turns(forget)

    def next(self, size: int) -> list[Flight[V]]:
        """What the next call carries; [] where there is no place, or nothing that anybody waits for.

        Flights that nobody waits for are dropped: the last who left has forgotten them.
        """
        found: list[Flight[V]] = []
        while self.taken < self.places and self.queue and size > 0:
            taken = [flight for flight in self.queue.take(size) if flight.waits]
            size -= sum(map(len, taken))
            found += taken
        return found
