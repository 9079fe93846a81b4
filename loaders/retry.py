"""Reads are tried again while that may help; whatever may cost credits goes through `send_once`."""

from __future__ import annotations

import asyncio
from asyncio import sleep
from collections.abc import Awaitable, Callable
from random import random
from typing import TypeVar

from loaders.breaker import Breaker
from loaders.errors import SourceError, Throttled, TimedOut
from loaders.observer import SILENT, Observer
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
    observer: Observer = SILENT,
) -> T:
    """Call, and call again while the error says that it may help and there is time.

    seconds: what is left for all tries together. A Retry-After that ends later ends the tries at once.
    """
    deadline = asyncio.get_running_loop().time() + seconds
    attempt = 1
    while True:
        await _until_let(breaker, deadline, provider)
        try:
            with breaker.guard():
                return await _within(deadline, call, provider)
        except SourceError as error:
            pause = _pause(error, attempt)
            if attempt == ATTEMPTS or not error.retryable or breaker.retry_after is not None:
                raise
            if asyncio.get_running_loop().time() + pause >= deadline:
                raise
            observer.call_retried(provider, error, pause)
        await sleep(pause)
        attempt += 1


def _pause(error: SourceError, attempt: int) -> float:
    if error.retry_after is not None:
        return error.retry_after
    return min(LONGEST_WAIT, FIRST_WAIT * 2 ** (attempt - 1) + FIRST_WAIT * random())  # noqa: S311


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
    await sleep(held)
