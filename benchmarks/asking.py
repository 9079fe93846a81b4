"""A bounded number of requests, each waited for: for checking, for counting calls, and for CPU a request.

Also the load generator where wrk is not installed. It needs about 100 µs a request, so that the fast systems
wait for it; the table then says so.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import aiohttp
import orjson

_HEADERS = {"Content-Type": "application/json"}


class WrongAnswer(Exception):
    """A system answered something else than was right: status and the beginning of the body."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of it. seconds: the whole; latencies: of each, in seconds; size: bytes of all bodies."""

    seconds: float
    latencies: tuple[float, ...]
    size: int


async def ask(url: str, body: bytes) -> Any:
    """One answer's JSON. Raises WrongAnswer."""
    async with aiohttp.ClientSession() as session:
        return orjson.loads(await _post(session, url, body))


async def ask_all(
    url: str, bodies: Iterator[bytes], connections: int, *, number: int | None = None, seconds: float = 600
) -> Asked:
    """`number` of them, or until the time is up, on so many connections. Raises WrongAnswer."""
    latencies: list[float] = []
    size = started = 0
    begun = time.perf_counter()

    async def connection(session: aiohttp.ClientSession) -> None:
        nonlocal size, started
        while (number is None or started < number) and time.perf_counter() - begun < seconds:
            started += 1
            sent = time.perf_counter()
            answer = await _post(session, url, next(bodies))
            size += len(answer)  # not across the await: the others add meanwhile
            latencies.append(time.perf_counter() - sent)

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        await asyncio.gather(*(connection(session) for _ in range(connections)))
    return Asked(time.perf_counter() - begun, tuple(latencies), size)


async def put(url: str, body: bytes) -> None:
    """What the floor is to answer from now on."""
    async with aiohttp.ClientSession() as session, session.put(url, data=body) as response:
        response.raise_for_status()


async def _post(session: aiohttp.ClientSession, url: str, body: bytes) -> bytes:
    async with session.post(url, data=body, headers=_HEADERS) as response:
        answer = await response.read()
        if response.status != HTTPStatus.OK or b'"errors"' in answer:
            raise WrongAnswer(f"{response.status} {answer[:300].decode(errors='replace')}")
        return answer
