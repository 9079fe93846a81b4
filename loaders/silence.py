"""How long a server may be silent to one operation, before the operation goes on without it.

Silence is the time since the server last answered anything for this operation, while a call of it is on the
wire. Waiting for our own turn is none, so that a slow, paced, working source is never cut off:

    40 calls, 8 at a time, each answered after 3 s     15 s in all, never more than 3 s silent
    8 calls, none of them answered                     silent after the limit, all of them

A call is often shared by several operations. It ends, as a TimedOut that the breaker is told of, once it
has been out for the limit and one of its operations has heard nothing all that time, or once nobody patient
is left.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol

from loaders.errors import Malformed, SourceError


class Listener(Protocol):
    """An operation, as loaders.budget has it."""

    def clock(self, server: Hashable) -> SilenceClock:
        """Its clock for that server."""
        ...


class SilenceClock:
    """One operation's, for one server. limit: seconds; inf: only its deadline ends its patience."""

    def __init__(self, limit: float) -> None:
        self.limit = limit
        self.is_silent = False
        self._time = asyncio.get_running_loop().time
        self._attempts: set[Attempt] = set()
        self._since = 0.0  # while calls are on the wire
        self._spent = 0.0  # in silence, on the wire, before the first of those
        self._timer: asyncio.TimerHandle | None = None

    def started(self, attempt: Attempt) -> None:
        """A call is on the wire, or somebody who waits for it has come."""
        if not self._attempts:
            self._since = self._time() - self._spent
        self._attempts.add(attempt)
        if self._timer is None and self.limit < float("inf"):
            self._schedule()

    def ended(self, attempt: Attempt, *, is_answered: bool) -> None:
        """It has come back, or nobody waits for it any more."""
        self._attempts.discard(attempt)
        if is_answered:
            self.is_silent = False
            self._spent = 0.0
            self._since = self._time()
        elif not self._attempts:
            self._spent = self._time() - self._since
        if not self._attempts and self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _schedule(self) -> None:
        self._timer = asyncio.get_running_loop().call_at(self._since + self.limit, self._look)

    def _look(self) -> None:
        if self._time() - self._since < self.limit:  # answered meanwhile
            self._schedule()
            return
        self._timer = None
        self.is_silent = True
        for attempt in list(self._attempts):
            attempt.was_silent(self)


class Audience:
    """The operations that wait for one fetch, its several calls included; it may change meanwhile.

    silent: called with each operation that should wait no longer.
    """

    def __init__(self, silent: Callable[[Listener], None] | None = None) -> None:
        self._silent = silent
        self._listeners: Counter[Listener] = Counter()
        self._attempts: set[Attempt] = set()

    def add(self, listener: Listener) -> None:
        """It waits; once more, where it already did."""
        self._listeners[listener] += 1
        if self._listeners[listener] == 1:
            for attempt in self._attempts:
                listener.clock(attempt.server).started(attempt)

    def remove(self, listener: Listener) -> None:
        """It waits no longer; once less, where it waits for more."""
        self._listeners[listener] -= 1
        if self._listeners[listener] <= 0:
            del self._listeners[listener]
            for attempt in list(self._attempts):
                listener.clock(attempt.server).ended(attempt, is_answered=False)
                attempt.was_left(listener.clock(attempt.server).limit)

    def close(self) -> None:
        """Nobody is told of silence any more."""
        self._silent = None

    @property
    def only(self) -> Listener | None:
        """The one that waits; None where there are more, or none."""
        return next(iter(self._listeners)) if len(self._listeners) == 1 else None

    @property
    def is_empty(self) -> bool:
        """Whether nobody waits."""
        return not self._listeners

    def is_patient(self, server: Hashable) -> bool:
        """Whether anybody still waits for that server, or nobody at all does (the cache is filled then)."""
        return not self._listeners or any(
            not listener.clock(server).is_silent for listener in self._listeners
        )

    def started(self, attempt: Attempt) -> None:
        """A call of the fetch is on the wire."""
        self._attempts.add(attempt)
        for listener in list(self._listeners):
            listener.clock(attempt.server).started(attempt)

    def ended(self, attempt: Attempt, *, is_answered: bool) -> None:
        """It has come back."""
        self._attempts.discard(attempt)
        for listener in list(self._listeners):
            listener.clock(attempt.server).ended(attempt, is_answered=is_answered)

    def tell(self, clock: SilenceClock, server: Hashable) -> None:
        """That operation has heard nothing for its limit."""
        for listener in list(self._listeners):
            if self._silent is not None and listener.clock(server) is clock:
                self._silent(listener)


class Attempt:
    """One call on the wire. timeout: of the call; it ends at once where nobody should wait any longer."""

    def __init__(self, server: Hashable, waiting: Audience, timeout: asyncio.Timeout) -> None:
        self.server = server
        self._waiting = waiting
        self._timeout = timeout
        self._has_given_up = False
        self._time = asyncio.get_running_loop().time
        self._started = self._time()
        self._timer: asyncio.TimerHandle | None = None

    def was_silent(self, clock: SilenceClock) -> None:
        """One of those who wait has heard nothing for its limit."""
        if self._time() - self._started >= clock.limit or not self._waiting.is_patient(self.server):
            self._give_up()
        self._waiting.tell(clock, self.server)

    def was_left(self, limit: float) -> None:
        """Somebody has gone. What is asked already may still fill the cache, but not for longer than that."""
        if self._timer is None and limit < float("inf"):
            self._timer = asyncio.get_running_loop().call_at(self._started + limit, self._look)

    def end(self) -> None:
        """Nothing of it is left behind."""
        if self._timer is not None:
            self._timer.cancel()

    def _look(self) -> None:
        self._timer = None
        if self._waiting.is_empty:
            self._give_up()

    def _give_up(self) -> None:
        if not self._has_given_up and not self._timeout.expired():  # which may have ended at the same moment
            self._has_given_up = True
            self._timeout.reschedule(self._time())


_audience: ContextVar[Audience | None] = ContextVar("audience", default=None)


def audience() -> Audience | None:
    """Who waits for what is fetched here; None where nobody has said so."""
    return _audience.get()


def only_listener() -> Listener | None:
    """The one operation that waits for what is fetched here; None where nobody has said so."""
    waiting = _audience.get()
    return None if waiting is None else waiting.only


@contextmanager
def heard_by(listening: Audience | Listener) -> Iterator[None]:
    """Whatever is read within is waited for by them: a fetch's audience, or one operation (a list's step)."""
    if isinstance(listening, Audience):
        found = listening
    else:
        found = Audience()
        found.add(listening)
    token = _audience.set(found)
    try:
        yield
    finally:
        _audience.reset(token)


@contextmanager
def on_the_wire(server: Hashable, waiting: Audience, timeout: asyncio.Timeout) -> Iterator[None]:
    """Around one call: those who wait for it hear the server, or its silence, which ends the timeout."""
    attempt = Attempt(server, waiting, timeout)
    waiting.started(attempt)
    is_answered = False
    try:
        yield
        is_answered = True
    except SourceError as error:
        is_answered = error.upstream_status is not None or isinstance(error, Malformed)
        raise
    except TimeoutError:
        raise
    except Exception:  # whatever else became of the answer, it came
        is_answered = True
        raise
    finally:
        waiting.ended(attempt, is_answered=is_answered)
        attempt.end()
