"""The subscriptions of this process: how many there are, how many tasks each has, and how long they last."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from loaders.errors import LimitExceeded
from loaders.mailbox import Mailbox


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionLimits:
    """at_once: subscriptions of the process. ids: of one of them. seconds: that it lasts at most."""

    at_once: int = 2_000
    ids: int = 500
    seconds: float = 3_600.0


class Subscriptions:
    """Those of one server."""

    def __init__(self, limits: SubscriptionLimits | None = None) -> None:
        self.limits = limits or SubscriptionLimits()
        self.has_ended = False
        self._open: set[Mailbox] = set()

    def __len__(self) -> int:
        return len(self._open)

    def check(self, ids: int) -> None:
        """Before a subscription to so many tasks is begun. Raises LimitExceeded."""
        if ids > self.limits.ids:
            raise LimitExceeded(f"At most {self.limits.ids:,} ids per subscription; this one has {ids:,}")
        if len(self._open) >= self.limits.at_once:
            raise LimitExceeded(f"At most {self.limits.at_once:,} subscriptions at once: try again later")

    @contextmanager
    def opened(self) -> Iterator[Mailbox]:
        """A new one, counted while the block lasts. Its mailbox is closed when its time is up."""
        mailbox = Mailbox()
        self._open.add(mailbox)
        timer = asyncio.get_running_loop().call_later(self.limits.seconds, mailbox.close)
        if self.has_ended:
            mailbox.close()
        try:
            yield mailbox
        finally:
            timer.cancel()
            self._open.discard(mailbox)

    def end(self) -> None:
        """The server stops: every subscription tells its client so, and completes."""
        self.has_ended = True
        for mailbox in self._open:
            mailbox.close()

    def why_closed(self) -> LimitExceeded:
        """What the tasks end with that had not ended by themselves."""
        if self.has_ended:
            return LimitExceeded("The server is being stopped: subscribe again")
        return LimitExceeded(f"A subscription lasts {self.limits.seconds:g} seconds: subscribe again")
