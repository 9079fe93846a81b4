"""Reads are tried again; whatever may cost credits is not (it does not come through here)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import stamina

from loaders.breaker import Breaker
from loaders.errors import SourceError, Throttled, TimedOut
from loaders.records import Provider

ATTEMPTS = 3
FIRST_WAIT = 0.1  # seconds; doubles, plus as much jitter
LONGEST_WAIT = 2.0

T = TypeVar("T")


async def read(
    call: Callable[[], Awaitable[T]],
    *,
    provider: Provider,
    breaker: Breaker,
    seconds: float,
    silence: float | None = None,
    turn: Callable[[], Awaitable[object]] | None = None,
) -> T:
    """Call, and call again while the error says that it may help and there is time.

    seconds: what is left for all tries together. A Retry-After that ends later ends the tries at once.
    silence: how long one call may stay without an answer once it is sent (TRIPTYCH_SOURCE_DEADLINE); the
    tries end with it, and the breaker is told. None: until `seconds` are over.
    turn: waited for before each try is sent; no silence of the source.
    """
    clock = asyncio.get_running_loop().time
    deadline = clock() + seconds

    def pause(error: Exception) -> bool | float:
        if not isinstance(error, SourceError) or not error.retryable or isinstance(error, TimedOut):
            return False
        if breaker.retry_after is not None:
            return False
        if error.retry_after is None:
            return True
        return error.retry_after if clock() + error.retry_after < deadline else False

    async for attempt in stamina.retry_context(
        on=pause,
        attempts=ATTEMPTS,
        timeout=seconds,
        wait_initial=FIRST_WAIT,
        wait_max=LONGEST_WAIT,
        wait_jitter=FIRST_WAIT,
    ):
        with attempt:
            await _until_let(breaker, deadline, provider)
            breaker.check()
            if turn is not None:
                await _within(deadline, turn, provider)
            end = deadline if silence is None else min(deadline, clock() + silence)
            try:
                answer = await _within(end, call, provider)
            except SourceError as error:
                breaker.failed(error, silence)
                raise
            breaker.succeeded()
            return answer
    raise AssertionError("stamina ends with an answer or an error")


async def _within(deadline: float, call: Callable[[], Awaitable[T]], provider: Provider) -> T:
    try:
        async with asyncio.timeout_at(deadline):
            return await call()
    except TimeoutError:
        raise TimedOut(f"{provider.label} did not answer in time", provider=provider) from None


async def _until_let(breaker: Breaker, deadline: float, provider: Provider) -> None:
    # the source has asked somebody to wait: that goes for everybody with the same key
    held = breaker.held
    if held <= 0:
        return
    if asyncio.get_running_loop().time() + held >= deadline:
        said = f"{provider.label} asks for fewer requests (HTTP 429)"
        raise Throttled(said, provider=provider, retry_after=round(held, 3), upstream_status=429)
    await asyncio.sleep(held)
