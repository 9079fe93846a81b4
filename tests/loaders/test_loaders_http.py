"""One request and its answer, over real sockets: bounded, never redirected, with errors of ours."""

from __future__ import annotations

import asyncio
import gzip
import traceback
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from loaders.errors import (
    Fault,
    Malformed,
    NoConnection,
    OutOfCredit,
    Refused,
    Rejected,
    SourceError,
    Throttled,
    Unreachable,
)
from loaders.http import LARGEST_ANSWER, MOST_VALUES, Answer, SourceClient
from loaders.observer import Call, Observer
from loaders.records import Provider
from tests.loaders.canned_server import Canned, Handler, answering, hang, reset, serving


class Client(SourceClient):
    """Of no source in particular."""

    provider = Provider.MESHY


class Heard(Observer):
    """Keeps what it hears of calls."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str, int | None, str | None]] = []

    def call_started(self, call: Call) -> None:
        self.told.append(("started", call.route, None, None))

    def call_ended(
        self, call: Call, *, seconds: float, status: int | None, error: SourceError | None
    ) -> None:
        assert seconds >= 0
        self.told.append(("ended", call.route, status, None if error is None else type(error).__name__))


@asynccontextmanager
async def asking(handle: Handler) -> AsyncIterator[tuple[Client, Canned, Heard]]:
    """A client of a server whose answers the handler makes."""
    heard = Heard()
    async with serving(handle) as server:
        client = Client(server.origin, heard)
        await client.open()
        try:
            yield client, server, heard
        finally:
            await client.close()


async def get(client: Client, path: str = "/x") -> Answer:
    return await client.request("GET /:id", path, headers={"Authorization": "Bearer secret"})


async def test_a_request_as_it_is_sent() -> None:
    """Method and path as given, JSON with its type, our own name; counted, and told."""
    async with asking(answering(b'{"id": 12345678901234567890123}')) as (client, server, heard):
        answer = await client.request("POST /a/:id", "/a/b%2Fc?d=e+f", headers={"X-Key": "k"}, json={"n": 1})

    assert server.seen == [("POST", "/a/b%2Fc?d=e+f", b'{"n":1}')]
    assert {name: server.headers[name] for name in ("X-Key", "Content-Type", "User-Agent")} == {
        "X-Key": "k",
        "Content-Type": "application/json",
        "User-Agent": "Triptych/0.1",
    }
    assert answer.checked().json() == {"id": 12345678901234567890123}
    assert client.calls == 1
    assert heard.told == [("started", "POST /a/:id", None, None), ("ended", "POST /a/:id", 200, None)]


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, Rejected),
        (401, Refused),
        (402, OutOfCredit),
        (403, Refused),
        (404, Rejected),
        (429, Throttled),
        (500, Fault),
        (503, Fault),
        (599, Fault),
    ],
)
async def test_a_status_is_an_error_beside_the_body(status: int, kind: type[SourceError]) -> None:
    """Some sources tell more in the body, so that it is there; whoever checks the answer raises the error."""
    async with asking(answering(b'{"code": 23}', status, retry_after="7")) as (client, _, heard):
        answer = await get(client)

    assert (answer.status, answer.fields()) == (status, {"code": 23})
    with pytest.raises(kind) as caught:
        answer.checked()
    assert (caught.value.upstream_status, caught.value.retry_after) == (status, 7)
    assert heard.told[-1] == ("ended", "GET /:id", status, kind.__name__)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed(status: int) -> None:
    """It would take the key along; where it leads is told, and whoever expects none has an error."""
    async with serving(answering(b"{}")) as elsewhere:
        moved = answering(b"", status, location=f"{elsewhere.origin}/stolen")
        async with asking(moved) as (client, _, _heard):
            answer = await get(client)

    assert elsewhere.seen == []
    assert answer.location == f"{elsewhere.origin}/stolen"
    with pytest.raises(Malformed):
        answer.checked()


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(gzip.compress(bytes(400 * 2**20)), id="400 MB of zeros in 400 KB of gzip"),
        pytest.param(gzip.compress(bytes(LARGEST_ANSWER + 1)), id="one byte too many"),
    ],
)
async def test_an_answer_that_is_too_large_unpacked(body: bytes) -> None:
    """It is given up before it is whole."""
    async with asking(answering(body, content_encoding="gzip")) as (client, _, heard):
        with pytest.raises(Malformed, match="too large"):
            await get(client)

    assert heard.told[-1] == ("ended", "GET /:id", 200, "Malformed")


async def test_an_endless_answer_is_given_up() -> None:
    """1 GB streamed: the server sees the connection end long before."""
    sent: list[int] = []

    async def stream(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        try:
            for _ in range(1024):
                await response.write(bytes(2**20))
                sent.append(2**20)
        except ConnectionError:
            pass
        return response

    async with asking(stream) as (client, _, _heard):
        with pytest.raises(Malformed, match="too large"):
            await get(client)

    assert sum(sent) < 64 * 2**20


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
async def test_the_largest_answer_that_is_taken(encoding: str) -> None:
    """Packed or not."""
    body = b'"' + b"x" * (LARGEST_ANSWER - 2) + b'"'
    packed = gzip.compress(body) if encoding == "gzip" else zlib.compress(body)
    async with asking(answering(packed, content_encoding=encoding)) as (client, _, _heard):
        assert len((await get(client)).json()) == LARGEST_ANSWER - 2


async def test_an_answer_that_is_too_large_is_not_kept_by_its_error() -> None:
    """What was read of it is let go, although the error is told, and its traceback holds the frames."""
    async with asking(answering(bytes(LARGEST_ANSWER + 1))) as (client, _, _heard):
        with pytest.raises(Malformed, match="too large") as raised:
            await get(client)

    frames = [frame for frame, _ in traceback.walk_tb(raised.value.__traceback__)]
    pieces = [frame.f_locals["pieces"] for frame in frames if "pieces" in frame.f_locals]
    assert pieces == [[]]


async def test_an_answer_of_too_many_values_is_not_parsed() -> None:
    """Parsing would hold the loop: 8 MB of [[],[],… takes over a second."""
    body = b"[" + b",".join([b"[]"] * MOST_VALUES) + b"]"
    async with asking(answering(body)) as (client, _, _heard):
        answer = await get(client)

    with pytest.raises(Malformed, match="too large"):
        answer.json()
    assert answer.fields() == {}


@pytest.mark.parametrize(
    ("body", "encoding"),
    [(b"not packed", "gzip"), (gzip.compress(b"{}" * 50)[:-9], "gzip"), (b"?", "br"), (b"?", "zstd")],
    ids=["broken", "cut short", "br", "zstd"],
)
async def test_what_cannot_be_unpacked(body: bytes, encoding: str) -> None:
    """Broken, cut short, or packed as nobody asked for."""
    async with asking(answering(body, content_encoding=encoding)) as (client, _, _heard):
        with pytest.raises(Malformed):
            (await get(client)).json()


@pytest.mark.parametrize("body", [b"", b"{", b"<html>", b"\xff\xfe", b"NaN", b"[" * 100_000])
async def test_what_is_not_json(body: bytes) -> None:
    """Malformed, or no fields where an error's body is looked at."""
    async with asking(answering(body)) as (client, _, _heard):
        answer = await get(client)

    assert answer.is_empty is (body == b"")
    assert answer.fields() == {}
    with pytest.raises(Malformed):
        answer.json()


async def test_a_connection_that_breaks() -> None:
    """Unreachable, and it may have been sent."""
    async with asking(reset) as (client, _, heard):
        with pytest.raises(Unreachable) as caught:
            await get(client)

    assert caught.value.was_sent
    assert heard.told[-1] == ("ended", "GET /:id", None, "Unreachable")


async def test_no_connection() -> None:
    """Nobody listens there: it was not sent."""
    async with serving(answering()) as server:
        origin = server.origin
    client = Client(origin)
    await client.open()
    try:
        with pytest.raises(NoConnection) as caught:
            await get(client)
    finally:
        await client.close()
    assert not caught.value.was_sent


async def test_a_call_that_is_cancelled_has_ended() -> None:
    """Without an error: it is nobody's fault."""
    async with asking(hang) as (client, _, heard):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await get(client)

    assert heard.told == [("started", "GET /:id", None, None), ("ended", "GET /:id", None, None)]


async def test_errors_tell_nothing_of_what_was_sent() -> None:
    """Neither key nor address."""
    async with asking(reset) as (client, server, _heard):
        with pytest.raises(Unreachable) as caught:
            await get(client, "/secret-path")

    told = f"{caught.value!r} {caught.value.__dict__} {caught.value.__cause__!r}"
    assert not any(secret in told for secret in ("secret", server.origin))
