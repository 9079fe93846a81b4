"""Reads are tried again while that may help; whatever may cost credits goes through `send_once`."""

from __future__ import annotations

import asyncio
from asyncio import sleep
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from random import random
from typing import TypeVar

from loaders import silence
from loaders.breaker import Breaker
from loaders.errors import Silent, SourceError, Throttled, TimedOut
from loaders.observer import SILENT, Observer
from loaders.pace import Pace
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
    pace: Pace | None = None,
    outlasts_silence: bool = False,
) -> T:
    """Call, and call again while the error says that it may help, there is time, and somebody waits for it.

    seconds: what is left for all tries together. A Retry-After that ends later ends the tries at once.
    pace: each try waits its turn. outlasts_silence: the call may take longer than the operations that wait
    for it are patient (image-seed). Raises SourceError.
    """
    deadline = asyncio.get_running_loop().time() + seconds
    waiting = None if outlasts_silence else silence.audience()
    attempt = 1
    while True:
        await _until_let(breaker, deadline, provider)
        if pace is not None:
            breaker.check()
            await _within(deadline, pace.turn(), provider)
        if waiting is not None and not waiting.is_patient(breaker):
            raise timed_out(provider)
        try:
            with breaker.guard(), _told(observer, provider):
                return await _attempt(call, deadline, breaker, provider, waiting)
        except SourceError as error:
            pause = _pause(error, attempt)
            if attempt == ATTEMPTS or not error.retryable or breaker.retry_after is not None:
                raise
            if asyncio.get_running_loop().time() + pause >= deadline:
                raise
            if waiting is not None and (waiting.is_empty or not waiting.is_patient(breaker)):
                raise
            observer.call_retried(provider, error, pause)
        await sleep(pause)
        attempt += 1


@contextmanager
def _told(observer: Observer, provider: Provider) -> Iterator[None]:
    try:
        yield
    except SourceError as error:
        observer.read_ended(provider, error)
        raise
    observer.read_ended(provider, None)


def timed_out(provider: Provider) -> TimedOut:
    """What somebody gets who has waited long enough."""
    return TimedOut(f"{provider.label} did not answer in time", provider=provider)


def held_back(provider: Provider, seconds: float) -> Throttled:
    """What somebody gets whom the source has asked to wait for longer than he can."""
    said = f"{provider.label} asks for fewer requests (HTTP 429)"
    return Throttled(said, provider=provider, retry_after=round(seconds, 3), upstream_status=429)


def _pause(error: SourceError, attempt: int) -> float:
    if error.retry_after is not None:
        return error.retry_after
    jitter = FIRST_WAIT * random()  # noqa: S311  # nothing is secret about it
    return float(min(LONGEST_WAIT, FIRST_WAIT * 2 ** (attempt - 1) + jitter))


async def _attempt(
    call: Callable[[], Awaitable[T]],
    deadline: float,
    breaker: Breaker,
    provider: Provider,
    waiting: silence.Audience | None,
) -> T:
    if waiting is None:
        return await _within(deadline, call(), provider)
    try:
        async with asyncio.timeout_at(deadline) as timeout:
            with silence.on_the_wire(breaker, waiting, timeout):
                return await call()
    except TimeoutError:
        if asyncio.get_running_loop().time() < deadline:
            raise Silent(f"{provider.label} did not answer in time", provider=provider) from None
        raise timed_out(provider) from None


async def _within(deadline: float, wait: Awaitable[T], provider: Provider) -> T:
    try:
        async with asyncio.timeout_at(deadline):
            return await wait
    except TimeoutError:
        raise timed_out(provider) from None


async def _until_let(breaker: Breaker, deadline: float, provider: Provider) -> None:
    # the source has asked somebody to wait: that goes for everybody with the same key
    held = breaker.held
    if held <= 0:
        return
    if asyncio.get_running_loop().time() + held >= deadline:
        raise held_back(provider, held)
    await sleep(held)
