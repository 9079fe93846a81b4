"""What one operation may spend: ids, upstream calls, rows of lists, and time.

Every path spends from the same budget, so that forty aliases cost what one list of forty costs. It also
names the request to whoever shares a source between requests.
"""

from __future__ import annotations

import asyncio
from collections.abc import Hashable
from dataclasses import dataclass, field

from loaders.errors import LimitExceeded
from loaders.silence import SilenceClock

LIST = 10_000  # ids in one argument
UNLIMITED = 2**62


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much of each one operation may spend. Beyond: LimitExceeded, on the field that asked for more.

    ids: as the client gave them, repeated ones too. calls: upstream, after batching, without retries.
    rows: of upstream lists, read and filtered here. Half of either spent, a page ends with what it has.
    silence: seconds that one source may leave it without any answer (loaders.silence); beyond, its fields
    are TimedOut.
    """

    ids: int = 20_000  # 30 aliases of 10,000 ids each would be an answer of 100 MB
    calls: int = 25_000
    rows: int = 10_000  # 140 aliased pages that no row met took 4 s of CPU
    silence: float = 8.0


@dataclass(eq=False, slots=True)
class Budget:
    """One operation's. deadline: on the event loop's clock, counted from the operation's arrival."""

    deadline: float
    limits: Limits = field(default_factory=Limits)
    ids: int = field(default=0, init=False)
    calls: int = field(default=0, init=False)
    rows: int = field(default=0, init=False)
    _clocks: dict[Hashable, SilenceClock] = field(default_factory=dict, init=False, repr=False)

    @classmethod
    def starting_now(cls, seconds: float, limits: Limits | None = None) -> Budget:
        """Of an operation that arrives now and may take that many seconds."""
        return cls(asyncio.get_running_loop().time() + seconds, limits or Limits())

    def spend_ids(self, count: int) -> None:
        """Before what the client named is looked up. Raises LimitExceeded."""
        self.ids += count
        if self.ids > self.limits.ids:
            raise LimitExceeded(f"At most {self.limits.ids} ids per operation; this one has {self.ids}")

    def spend_calls(self, count: int) -> None:
        """Before that many upstream calls are made. Raises LimitExceeded."""
        self.calls += count
        if self.calls > self.limits.calls:
            raise LimitExceeded(f"At most {self.limits.calls} upstream calls per operation")

    def spend_rows(self, count: int) -> None:
        """Before that many rows of a list are asked for. Raises LimitExceeded."""
        self.rows += count
        if self.rows > self.limits.rows:
            raise LimitExceeded(f"At most {self.limits.rows} rows of lists per operation")

    @property
    def is_half_read(self) -> bool:
        """Whether a list should end its page with the rows it has, and leave the others some budget."""
        return self.rows * 2 >= self.limits.rows or self.calls * 2 >= self.limits.calls

    def clock(self, server: Hashable) -> SilenceClock:
        """How long that server has left it without an answer. server: its breaker."""
        if server not in self._clocks:
            self._clocks[server] = SilenceClock(self.limits.silence)
        return self._clocks[server]
