"""A client that has gone ends its query: what nobody waits for need not be worked on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import TracebackType

from starlette.requests import ClientDisconnect
from starlette.types import Receive

PATIENCE = 0.05  # seconds; most operations end before, and need no task that watches


class EndedByDeparture:
    """An async context that is cancelled when the client hangs up, and raises ClientDisconnect then.

    must_go_on: asked at that moment; True where a write has begun, which nothing cancels. By default never.
    """

    __slots__ = ("_has_left", "_must_go_on", "_receive", "_task", "_timer", "_watching")

    def __init__(self, receive: Receive, must_go_on: Callable[[], bool] = lambda: False) -> None:
        self._receive = receive
        self._must_go_on = must_go_on
        self._has_left = False
        self._watching: asyncio.Task[None] | None = None
        self._task: asyncio.Task[object] | None = None
        self._timer: asyncio.TimerHandle

    async def __aenter__(self) -> EndedByDeparture:
        """Begin."""
        self._task = asyncio.current_task()
        self._timer = asyncio.get_running_loop().call_later(PATIENCE, self._begin)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Raises ClientDisconnect, where that was why; a cancellation of somebody else's passes."""
        self._timer.cancel()
        if self._watching is not None:
            self._watching.cancel()
            self._watching = None  # whose cancellation holds this
        if not self._has_left:
            return
        assert self._task is not None, "it was cancelled"
        if self._task.uncancel() == 0 and kind is not None and issubclass(kind, asyncio.CancelledError):
            raise ClientDisconnect from error

    def end(self) -> None:
        """End it as if the client left now."""
        if self._task is not None and not self._has_left:
            self._has_left = True
            self._task.cancel()

    def _begin(self) -> None:
        self._watching = asyncio.get_running_loop().create_task(self._watch())

    async def _watch(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        if not self._must_go_on():
            self.end()
