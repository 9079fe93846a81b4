"""A write is sent at most once: what may have reached the source is never sent again by itself.

not sent      no connection, breaker open, told to wait   Unreachable, …    may be sent again
refused       4xx, a code of the source's own             Rejected, …       nothing was done
answered      2xx                                         what it says
nobody knows  reset, time-out, 5xx, unreadable            OutcomeUnknown    look before sending it again
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from loaders.breaker import Breaker
from loaders.errors import (
    NotSupported,
    OutcomeUnknown,
    OutOfCredit,
    Refused,
    Rejected,
    SourceError,
    Throttled,
    Unreachable,
)
from loaders.pace import Pace
from loaders.records import Provider
from loaders.retry import held_back, timed_out

T = TypeVar("T")

# what a source says by a code of its own, in an answer of any status
_REFUSALS = (Throttled, Refused, OutOfCredit, Rejected, NotSupported)


async def send_once(
    call: Callable[[], Awaitable[T]],
    *,
    provider: Provider,
    breaker: Breaker,
    seconds: float,
    pace: Pace | None = None,
) -> T:
    """What the one request is answered. call: sends it and reads the answer.

    seconds: how long it may take, of which at most half waits for its turn. Raises SourceError where nothing
    was done, OutcomeUnknown where something may have been. A caller that is cancelled does not know, either:
    run it in a task of its own.
    """
    deadline = asyncio.get_running_loop().time() + seconds
    breaker.check()
    if (held := breaker.held) > 0:
        raise held_back(provider, held)
    if pace is not None:
        try:
            async with asyncio.timeout(seconds / 2):
                await pace.turn()
        except TimeoutError:
            raise _busy(provider) from None
    is_sent = False
    try:
        with breaker.guard():  # it may still say no, and remembers what was really the matter
            is_sent = True
            try:
                async with asyncio.timeout_at(deadline):
                    return await call()
            except TimeoutError:
                raise timed_out(provider) from None
    except SourceError as error:
        if not is_sent or _was_not_done(error):
            raise
        raise _unknown(provider, error.upstream_status) from None


def _was_not_done(error: SourceError) -> bool:
    if isinstance(error, Unreachable):
        return not error.was_sent
    if isinstance(error, _REFUSALS):
        return True
    return error.upstream_status is not None and error.upstream_status < 500


def _unknown(provider: Provider, status: int | None = None) -> OutcomeUnknown:
    said = f"{provider.label} did not confirm the request; it may have been carried out"
    return OutcomeUnknown(said, provider=provider, upstream_status=status)


def _busy(provider: Provider) -> Throttled:
    return Throttled(
        f"Too many requests are waiting for {provider.label}", provider=provider, retry_after=1.0
    )
