"""What waits to be sent, shared round-robin between those who wait for it.

request A: 2,000 keys, request B: 20 keys   ->   A B A B … : B's last one is the 40th, not the 2,020th
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable, Hashable, Iterable
from typing import Generic, TypeVar

T = TypeVar("T")


class Turns(Generic[T]):
    """A queue per owner. Whoever takes gets one owner's items, and the next one's where there is space."""

    def __init__(self) -> None:
        self._queues: OrderedDict[Hashable, deque[T]] = OrderedDict()

    def __bool__(self) -> bool:
        return bool(self._queues)

    def add(self, owner: Hashable, items: Iterable[T]) -> None:
        """Behind what that owner has waiting already."""
        self._queues.setdefault(owner, deque()).extend(items)

    def take(self, count: int) -> list[T]:
        """At most that many; an owner who has more left is at the end of the round then."""
        taken: list[T] = []
        while self._queues and len(taken) < count:
            owner, queue = self._queues.popitem(last=False)
            while queue and len(taken) < count:
                taken.append(queue.popleft())
            if queue:
                self._queues[owner] = queue
        return taken

    def keep(self, owner: Hashable, is_wanted: Callable[[T], bool]) -> None:
        """Drop what that owner has waiting and nobody wants."""
        queue = self._queues.pop(owner, None)
        if queue is not None and (left := deque(filter(is_wanted, queue))):
            self._queues[owner] = left

    def clear(self) -> None:
        """Drop everything."""
        self._queues.clear()

    def before(self, owner: Hashable, count: int) -> int:
        """How many items are taken until the last of `count` more of that owner's is."""
        own = len(self._queues.get(owner, ())) + count
        return own + sum(min(own, len(queue)) for other, queue in self._queues.items() if other != owner)
