"""What a subscription has not read yet: the latest update of each of its tasks, so that it never grows."""

from __future__ import annotations

import asyncio

from loaders.course import Update


class Mailbox:
    """One subscription's. A slow reader gets a task's latest state; the last update of a task stays.

    `async for name, update in mailbox` goes on until the mailbox is closed and everything is read.
    """

    def __init__(self) -> None:
        self._unread: dict[str, Update] = {}
        self._news = asyncio.Event()
        self._is_closed = False

    def put(self, name: str, update: Update) -> None:
        """In the place of what is unread of that task. name: the task as its subscriber calls it."""
        self._unread[name] = update
        self._news.set()

    def close(self) -> None:
        """Nothing more is waited for."""
        self._is_closed = True
        self._news.set()

    def __aiter__(self) -> Mailbox:
        return self

    async def __anext__(self) -> tuple[str, Update]:
        """The update that has waited for longest, once there is one."""
        while not self._unread:
            if self._is_closed:
                raise StopAsyncIteration
            self._news.clear()
            await self._news.wait()
        name = next(iter(self._unread))
        return name, self._unread.pop(name)
