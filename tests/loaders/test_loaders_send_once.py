"""A write, over real sockets: sent once at most, and never a guess about what became of it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from loaders.breaker import IN_A_ROW, Breaker
from loaders.errors import (
    Fault,
    NoConnection,
    NotSupported,
    OutcomeUnknown,
    OutOfCredit,
    Refused,
    Rejected,
    SourceError,
    Throttled,
    Unreachable,
)
from loaders.http import SourceClient
from loaders.pace import Pace
from loaders.records import Provider
from loaders.send_once import send_once
from tests.loaders.canned_server import Handler, answering, hang, reset, serving


class Client(SourceClient):
    """Of a source that takes writes."""

    provider = Provider.MESHY


async def write(
    client: Client,
    method: str = "POST",
    breaker: Breaker | None = None,
    seconds: float = 10,
    pace: Pace | None = None,
) -> Any:
    """One write; the answer's JSON."""

    async def call() -> Any:
        answer = await client.request(f"{method} /tasks", "/tasks", headers={}, json={"prompt": "a fox"})
        return answer.checked().json()

    return await send_once(
        call, provider=Provider.MESHY, breaker=breaker or Breaker(), seconds=seconds, pace=pace
    )


async def outcome(
    handle: Handler, method: str = "POST", seconds: float = 10
) -> tuple[Any, list[tuple[str, str, bytes]]]:
    """What one write comes to, and what the server has seen of it."""
    async with serving(handle) as server:
        client = Client(server.origin)
        await client.open()
        try:
            return await write(client, method, seconds=seconds), server.seen
        except SourceError as error:
            return error, server.seen
        finally:
            await client.close()


async def test_an_answer() -> None:
    """What it says, once."""
    told, seen = await outcome(answering(b'{"result": "018a"}'))

    assert told == {"result": "018a"}
    assert seen == [("POST", "/tasks", b'{"prompt":"a fox"}')]


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, Rejected), (401, Refused), (402, OutOfCredit), (404, Rejected), (422, Rejected), (429, Throttled)],
)
async def test_a_refusal_is_definite(status: int, kind: type[SourceError]) -> None:
    """Nothing was done; it is not sent again, not even where a read would be."""
    told, seen = await outcome(answering(b"{}", status))

    assert type(told) is kind
    assert told.upstream_status == status
    assert len(seen) == 1


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
async def test_a_reset_after_sending(method: str) -> None:
    """Nobody knows, whatever the method: the request has been seen, once."""
    told, seen = await outcome(reset, method)

    assert type(told) is OutcomeUnknown
    assert (told.retryable, told.upstream_status) == (False, None)
    assert len(seen) == 1


@pytest.mark.parametrize(
    ("handle", "status"),
    [
        (answering(b"<html>"), None),
        (answering(b'{"a": '), None),
        (answering(b"", 302, location="http://127.0.0.1:9/"), None),
        (answering(b"not packed", content_encoding="gzip"), None),
        (answering(b"{}", 500), 500),
        (answering(b"", 502), 502),
        (answering(b"", 504), 504),
    ],
)
async def test_an_answer_that_tells_nothing(handle: Handler, status: int | None) -> None:
    """A gateway's error, or what cannot be read, is no word of the source's about the write."""
    told, seen = await outcome(handle)

    assert type(told) is OutcomeUnknown
    assert told.upstream_status == status
    assert len(seen) == 1


async def test_no_answer_in_time() -> None:
    """It may have been carried out."""
    told, seen = await outcome(hang, seconds=0.1)

    assert type(told) is OutcomeUnknown
    assert len(seen) == 1


async def test_no_connection() -> None:
    """It was not sent: it may be sent again, by whoever wants it."""
    async with serving(answering()) as server:
        client = Client(server.origin)
    await client.open()
    try:
        with pytest.raises(NoConnection) as caught:
            await write(client)
    finally:
        await client.close()

    assert caught.value.retryable
    assert client.calls == 1


async def test_an_open_breaker_sends_nothing() -> None:
    """It opens for writes that nobody answers, as for reads, and says why: what was not sent is known."""
    breaker = Breaker()
    async with serving(reset) as server:
        client = Client(server.origin)
        await client.open()
        for _ in range(IN_A_ROW):
            with pytest.raises(OutcomeUnknown):
                await write(client, breaker=breaker)
        with pytest.raises(SourceError) as caught:
            await write(client, breaker=breaker)
        await client.close()

    assert type(caught.value) is Unreachable
    assert caught.value.retry_after is not None
    assert len(server.seen) == IN_A_ROW


async def test_a_source_that_has_asked_to_wait_is_sent_nothing() -> None:
    """For as long as it has said."""
    breaker = Breaker()
    async with serving(answering(b"", 429, retry_after="30")) as server:
        client = Client(server.origin)
        await client.open()
        for _ in range(3):
            with pytest.raises(Throttled):
                await write(client, breaker=breaker)
        await client.close()

    assert len(server.seen) == 1


async def test_a_write_waits_its_turn() -> None:
    """As every call to a paced source."""
    turns: list[int] = []

    class Counted(Pace):
        async def turn(self) -> None:
            turns.append(1)

    async with serving(answering(b"1")) as server:
        client = Client(server.origin)
        await client.open()
        assert await write(client, pace=Counted(1, 1)) == 1
        await client.close()

    assert turns == [1]


async def test_a_turn_that_does_not_come_in_time() -> None:
    """Nothing was sent: half of the time is for waiting, the rest for the answer."""

    class Full(Pace):
        async def turn(self) -> None:
            await asyncio.sleep(10)

    async with serving(answering(b"1")) as server:
        client = Client(server.origin)
        await client.open()
        with pytest.raises(Throttled, match="Too many requests are waiting for Meshy"):
            await write(client, seconds=0.02, pace=Full(1, 1))
        await client.close()

    assert server.seen == []


@pytest.mark.parametrize("kind", [Throttled, Refused, OutOfCredit, Rejected, NotSupported])
async def test_a_refusal_by_a_code_of_the_sources_own(kind: type[SourceError]) -> None:
    """Is as definite as one by status."""

    async def call() -> None:
        raise kind("no", provider=Provider.MESHY)

    with pytest.raises(kind):
        await send_once(call, provider=Provider.MESHY, breaker=Breaker(), seconds=1)


async def test_a_bug_is_a_bug() -> None:
    """It is not dressed up as an outcome."""

    async def call() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await send_once(call, provider=Provider.MESHY, breaker=Breaker(), seconds=1)


def test_an_outcome_that_is_unknown_is_a_fault_of_the_source() -> None:
    """Its code is the contract's."""
    error = OutcomeUnknown("who knows", provider=Provider.MESHY)

    assert error.code == "OUTCOME_UNKNOWN"
    assert not isinstance(error, Fault)
