"""The sandbox's time, which tests step instead of sleeping."""

from __future__ import annotations

import asyncio
import contextlib
import time


class Clock:
    """Epoch seconds when called. start: where it stands still until it is stepped; None: it is the real time.

    A real clock can be stepped too: it then runs ahead.
    """

    def __init__(self, start: float | None = None) -> None:
        self._stopped_at = start
        self._ahead = 0.0
        self._woken = asyncio.Event()

    def __call__(self) -> float:
        """Now, in epoch seconds."""
        return (time.time() if self._stopped_at is None else self._stopped_at) + self._ahead

    @property
    def now(self) -> float:
        """The same; may be set, backwards too."""
        return self()

    @now.setter
    def now(self, instant: float) -> None:
        self.advance(instant - self())

    def advance(self, seconds: float) -> None:
        """Step, and wake whoever waits for an instant."""
        self._ahead += seconds
        self.wake()

    def wake(self) -> None:
        """Make everyone who waits look again."""
        self._woken.set()
        self._woken = asyncio.Event()

    async def wait(self, instant: float | None = None) -> None:
        """Until this instant, at the latest; earlier when the clock is stepped. None: until it is stepped."""
        left = None if instant is None else instant - self()
        if left is not None and left <= 0:
            return
        await self.pause(left if self._stopped_at is None else None)

    async def pause(self, seconds: float | None) -> None:
        """Real seconds, whether the clock runs or not; less when it is stepped. None: until it is stepped."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._woken.wait()
