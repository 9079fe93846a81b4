"""No more calls in any stretch of time than a source allows."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable


class Pace:
    """At most `calls` in any `seconds`, whichever second they begin in; first come, first served.

    clock, sleep: in seconds.
    """

    def __init__(
        self,
        calls: int,
        seconds: float,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._calls = calls
        self._seconds = seconds
        self._clock = clock
        self._sleep = sleep
        self._latest: deque[float] = deque(maxlen=calls)
        self._queue = asyncio.Lock()

    async def turn(self) -> None:
        """Wait for the next turn, and take it. One that is cancelled leaves its turn to the next."""
        async with self._queue:
            if len(self._latest) == self._calls:
                while (wait := self._latest[0] + self._seconds - self._clock()) > 0:
                    await self._sleep(wait)
            self._latest.append(self._clock())

    def seconds_for(self, calls: int) -> float:
        """How long so many calls take when all of them wait."""
        return calls * self._seconds / self._calls
