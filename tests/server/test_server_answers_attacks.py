"""Whoever knows a body that is kept gets no further with it than with any other."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from hashlib import sha256
from typing import Any

import orjson
import pytest

from engine.plan.basis import Basis
from loaders.cache import Life, Memory
from resolvers.context import Caller, Role
from server.access.tokens import Token
from server.answers import LARGEST, LONGEST_BODY, Answers
from server.heads import Head
from server.uvicorn_protocols import HttpProtocol
from tests.conftest import Client, Serve
from tests.server.wire import Wire, wire

BODY = orjson.dumps({"query": '{ media(id: "pixai:459604023097100648") { id provider width } }'})
OTHER = orjson.dumps({"query": '{ media(id: "pixai:459604023097100649") { id provider width } }'})
QUERY = "query ($ids: [ID!]!) { mediaById(ids: $ids) { id url urls { url } } }"
NEW = b'{"query": "{ providers { provider } }"}'
ID = re.compile(rb"x-request-id: [0-9a-f]{32}\r\n|\"requestId\":\"[0-9a-f]{32}\"|date: [^\r]*\r\n")
TOKENS = {"tokens": (Token.parse(f"anna:read:{sha256(b'secret').hexdigest()}"),)}
CORS = {"cors_origins": ("https://pages.example",)}


def post(body: bytes = BODY, *headers: str, start: str = "POST /graphql HTTP/1.1", length: int = -1) -> bytes:
    """A request in one piece."""
    lines = [start, *headers, f"Content-Length: {len(body) if length < 0 else length}"]
    if not any(line.lower().startswith("host:") for line in headers):
        lines.append("Host: localhost")
    if not any(line.lower().startswith("content-type:") for line in headers):
        lines.append("Content-Type: application/json")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@asynccontextmanager
async def with_kept(serve: Serve, **settings: Any) -> AsyncIterator[Client]:
    """A server that has kept both bodies, where it keeps any."""
    async with serve(**settings) as graph, wire(graph) as before:
        for body in (BODY, OTHER) * 3:
            before.send(post(body, "Authorization: Bearer secret"))
            await before.answer()
        yield graph


async def everything(graph: Client, *pieces: bytes) -> bytes:
    """What comes for these pieces, each sent after a moment, and for one more request, the last one."""
    async with wire(graph) as one:
        found: list[bytes] = []
        reading = asyncio.create_task(_read(one, found))
        for piece in (*pieces, LAST):
            one.send(piece)
            await asyncio.sleep(0.01)
        await asyncio.wait_for(reading, 10)
        return ID.sub(b"", b"".join(found))


async def _read(one: Wire, found: list[bytes]) -> None:
    with suppress(ConnectionResetError):  # what it had sent before it hung up has been read
        while piece := await one.reader.read(65536):
            found.append(piece)


LAST = post(OTHER, "Authorization: Bearer secret", "Connection: close")
SENT: dict[str, tuple[dict[str, Any], list[bytes]]] = {
    "as ever": ({}, [post(BODY), post(BODY)]),
    "the last one": ({}, [post(BODY, "Connection: close")]),
    "head and body apart": ({}, [post(BODY)[: -len(BODY)], BODY]),
    "the body in two": ({}, [post(BODY)[:-5], BODY[-5:]]),
    "byte by byte at the end": ({}, [post(BODY)[:-3], *(BODY[-3:][i : i + 1] for i in range(3))]),
    "many in one piece": ({}, [post(BODY) + post(OTHER) + post(BODY) + post(OTHER)]),
    "a new one before one that is kept": ({}, [post(NEW) + post(BODY)]),
    "one that is kept before a new one": ({}, [post(BODY) + post(NEW)]),
    "HTTP/1.0": ({}, [post(BODY, start="POST /graphql HTTP/1.0")]),
    "HTTP/1.0, kept alive": ({}, [post(BODY, "Connection: keep-alive", start="POST /graphql HTTP/1.0")]),
    "something that is not HTTP behind it": ({}, [post(BODY), b"?\r\n\r\n"]),
    "a length below the body": ({}, [post(BODY, length=len(BODY) - 1)]),
    "a length of nothing": ({}, [post(BODY, length=0)]),
    "two lengths": ({}, [post(BODY, "Content-Length: 3")]),
    "a length and chunks": ({}, [post(BODY, "Transfer-Encoding: chunked")]),
    "chunks": ({}, [
        post(b"", "Transfer-Encoding: chunked").replace(b"Content-Length: 0\r\n", b"")
        + b"%x\r\n%s\r\n0\r\n\r\n" % (len(BODY), BODY)
    ]),
    "a hundred of them": ({}, [post(BODY) * 100 + post(BODY)]),
    "100-continue": ({}, [post(BODY, "Expect: 100-continue")]),
    "an upgrade": ({}, [post(BODY, "Connection: upgrade", "Upgrade: h2c"), post(BODY)]),
    "GET": ({}, [post(BODY, start="GET /graphql HTTP/1.1")]),
    "HEAD": ({}, [post(BODY, start="HEAD /graphql HTTP/1.1")]),
    "PUT": ({}, [post(BODY, start="PUT /graphql HTTP/1.1")]),
    "a query string": ({}, [post(BODY, start="POST /graphql?a=b HTTP/1.1")]),
    "another path": ({}, [post(BODY, start="POST /media/x HTTP/1.1")]),
    "a path in escapes": ({}, [post(BODY, start="POST /%67raphql HTTP/1.1")]),
    "another type": ({}, [post(BODY, "Content-Type: text/plain")]),
    "packed": ({}, [post(BODY, "Content-Encoding: gzip")]),
    "events": ({}, [post(BODY, "Accept: text/event-stream")]),
    "another host": ({}, [post(BODY, "Host: evil.example")]),
    "no host": ({}, [post(BODY, "Host:")]),
    "two hosts": ({}, [post(BODY, "Host: evil.example", "Host: localhost")]),
    "another origin": ({}, [post(BODY, "Origin: https://evil.example")]),
    "an id with a line break": ({}, [post(BODY, "X-Request-Id: a\r\n b")]),
    "the token": (TOKENS, [post(BODY, "Authorization: Bearer secret")]),
    "no token": (TOKENS, [post(BODY)]),
    "a wrong token": (TOKENS, [post(BODY, "Authorization: Bearer wrong")]),
    "a token that ends": (TOKENS, [
        post(BODY, "Authorization: Bearer secret"),
        post(BODY),
        post(BODY, "Authorization: Bearer secret"),
    ]),
    "two tokens": (TOKENS, [post(BODY, "Authorization: Bearer wrong", "Authorization: Bearer secret")]),
    "a page's origin": (CORS, [post(BODY, "Origin: https://pages.example")]),
    "no page's origin": (CORS, [post(BODY, "Origin: https://evil.example")]),
    "after a page": (CORS, [post(BODY, "Origin: https://pages.example"), post(BODY)]),
}  # fmt: skip


@pytest.mark.parametrize("name", SENT)
async def test_a_request_is_answered_as_without_kept_answers(serve: Serve, name: str) -> None:
    """To the byte, whatever is sent, in whatever pieces."""
    settings, pieces = SENT[name]

    async with with_kept(serve, **settings, answers="off") as graph:
        expected = await everything(graph, *pieces)
    async with with_kept(serve, **settings) as graph:
        found = [await everything(graph, *pieces) for _ in range(2)]

    assert expected
    assert found == [expected] * 2


async def test_each_request_has_an_id_of_its_own(serve: Serve) -> None:
    """Made for each, or the caller's own where it looks like one."""
    async with with_kept(serve) as graph, wire(graph) as one:
        ids = []
        for headers in ([], [], ["X-Request-Id: mine"], ["X-Request-Id: a b"]):
            one.send(post(BODY, *headers))
            head = (await one.reader.readuntil(b"\r\n\r\n")).decode().lower()
            await one.reader.readexactly(int(head.partition("content-length: ")[2].split()[0]))
            ids.append(head.partition("x-request-id: ")[2].split("\r\n")[0])

    assert len({*ids}) == 4
    assert [len(one) for one in ids] == [32, 32, 4, 32]
    assert ids[2] == "mine"


async def test_a_client_that_reads_nothing(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two hundred answers of 190 KB do not wait for it in memory: they are looked up as it reads."""
    found: list[object] = []
    reply = Answers.reply

    def counted(answers: Answers, *asked: Any) -> object:
        found.append(answer := reply(answers, *asked))
        return answer

    connections: list[HttpProtocol] = []
    connection_made = HttpProtocol.connection_made

    def noted(protocol: HttpProtocol, transport: asyncio.Transport) -> None:
        connection_made(protocol, transport)
        connections.append(protocol)

    monkeypatch.setattr(HttpProtocol, "connection_made", noted)
    monkeypatch.setattr(Answers, "reply", counted)
    ids = ["pixai:459604023097100648"] * 270
    body = orjson.dumps({"query": QUERY, "variables": {"ids": ids}})
    async with serve() as graph, wire(graph) as one, wire(graph) as beside:
        for _ in range(3):
            beside.send(post(body))
            expected = await beside.answer()
        found.clear()
        one.writer.transport.pause_reading()  # type: ignore[attr-defined]
        one.send(post(body) * 200)
        await asyncio.sleep(0.1)
        beside.send(post(body))
        assert await beside.answer() == expected
        assert None not in found
        assert 1 < len(found) < 200
        assert max(made.transport.get_write_buffer_size() for made in connections) < 2 * LARGEST

        one.writer.transport.resume_reading()  # type: ignore[attr-defined]
        answers = [await one.answer() for _ in range(200)]

    assert answers == [expected] * 200
    assert len(found) == 201


async def test_many_at_once(serve: Serve) -> None:
    """Fifty clients, one body: one answer."""

    async def asks(graph: Client) -> list[Any]:
        async with wire(graph) as one:
            return [await _exchanged(one) for _ in range(20)]

    async with serve() as graph:
        found = await asyncio.gather(*(asks(graph) for _ in range(50)))

    assert {orjson.dumps(answer) for answers in found for answer in answers} == {orjson.dumps(found[0][0])}
    assert found[0][0][0] == 200


async def _exchanged(one: Wire) -> tuple[int, Any]:
    one.send(post(BODY))
    return await one.answer()


HEAD = Head(Caller(Role.READ), "application/json", takes_gzip=False)


def basis(end: float = float("inf")) -> Callable[[], Basis]:
    """Of one value."""
    return lambda: Basis((Life(end),), ())


def test_ten_thousand_bodies_share_the_memory_of_all_caches() -> None:
    """The oldest go. Each comes twice."""
    memory = Memory(size=8 * 2**20)
    answers = Answers(b"Accept-Encoding", memory=memory)

    for number in range(10_000):
        for _ in range(2):
            answers.keep(HEAD, b"%0*d" % (LONGEST_BODY, number), b"x" * 1_000, basis())

    size, entries = memory.used()
    assert size <= memory.size // 4
    assert 0 < entries < 250
    assert answers.reply(HEAD, b"%0*d" % (LONGEST_BODY, 0)) is None
    assert answers.reply(HEAD, b"%0*d" % (LONGEST_BODY, 9_999)) is not None


def test_bodies_that_come_once_take_no_memory() -> None:
    """Endlessly distinct ones; one that comes again after thousands of others has been forgotten."""
    memory = Memory()
    answers = Answers(b"Accept-Encoding", memory=memory)

    for number in (*range(10_000), 0):
        answers.keep(HEAD, b"%d" % number, b"{}", basis())

    assert memory.used() == (0, 0)


@pytest.mark.parametrize(
    ("body", "content", "is_kept"),
    [
        (b"x" * LONGEST_BODY, b"{}", True),
        (b"x" * (LONGEST_BODY + 1), b"{}", False),
        (b"x", b"x" * LARGEST, True),
        (b"x", b"x" * (LARGEST + 1), False),
    ],
)
def test_what_is_large_is_not_kept(body: bytes, content: bytes, is_kept: bool) -> None:
    """8 KiB of a request, 256 KiB of an answer."""
    answers = Answers(b"Accept-Encoding", memory=Memory())

    for _ in range(2):
        answers.keep(HEAD, body, content, basis())

    assert (answers.reply(HEAD, body) is not None) is is_kept


@pytest.mark.parametrize(("left", "is_kept"), [(1.9, False), (2.0, True), (float("inf"), True)])
def test_an_answer_lives_as_long_as_its_values(left: float, is_kept: bool) -> None:
    """Two seconds at least; then until the first of them is over, or let go."""
    now = [1_000.0]
    answers = Answers(b"Accept-Encoding", clock=lambda: now[0], memory=Memory())
    lives = (Life(now[0] + left), Life(now[0] + 100))

    for _ in range(2):
        answers.keep(HEAD, b"{}", b"{}", lambda: Basis(lives, ()))
    assert (answers.reply(HEAD, b"{}") is not None) is is_kept
    now[0] += min(left, 99)
    assert (answers.reply(HEAD, b"{}") is not None) is (left > 99)
    lives[1].end = 0.0
    assert answers.reply(HEAD, b"{}") is None
