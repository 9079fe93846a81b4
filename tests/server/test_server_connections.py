"""Clients that do not go on: half a head, half a body, answers that nobody reads, and too many at once."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from server.connections import LONGEST_HEAD, RATE, client_of
from tests.conftest import Client, Serve

POST = "POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
GET = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
BRIEF = {"header_seconds": 0.2, "body_seconds": 0.2}


@dataclass
class Wire:
    """A connection without a client's manners."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    def send(self, text: str | bytes) -> None:
        self.writer.write(text if isinstance(text, bytes) else text.encode())

    async def rest(self) -> bytes:
        """Everything until the server hangs up."""
        try:
            return await self.reader.read()
        except ConnectionResetError:
            return b""

    async def answer(self) -> tuple[int, Any]:
        """The next one: its status, and its body as JSON."""
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode()
        length = next(
            line.partition(": ")[2] for line in head.lower().splitlines() if line.startswith("content-len")
        )
        return int(head.split()[1]), json.loads(await self.reader.readexactly(int(length)))


@asynccontextmanager
async def wire(graph: Client) -> AsyncIterator[Wire]:
    """An open one."""
    host, _, port = graph.origin.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        yield Wire(reader, writer)
    finally:
        writer.close()


def error(code: str, message: str) -> dict[str, Any]:
    """The whole body."""
    return {"errors": [{"message": message, "extensions": {"code": code}}]}


LATE = (408, error("REQUEST_TIMEOUT", "The request did not arrive in time"))
HALVES = [
    "GET /healthz HTTP/1.1\r\nHost: local",
    POST,
    POST + "Content-Length: 50\r\n\r\n",
    POST + 'Content-Length: 50\r\n\r\n{"query": "{ __type',
    POST + "Transfer-Encoding: chunked\r\n\r\n5\r\n{\r\n",
    POST + "Content-Length: 50\r\nExpect: 100-continue\r\n\r\n",
    "\r\n",
]


async def test_half_a_request_is_answered_with_408(serve: Serve) -> None:
    """Wherever it ends: within its line, its headers or its body."""
    async with serve(**BRIEF) as graph:
        for half in HALVES:
            async with wire(graph) as opened:
                opened.send(half)
                if "100-continue" in half:
                    assert await opened.reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
                assert (half, await opened.answer()) == (half, LATE)
                assert await opened.rest() == b""


async def test_drop_by_drop_is_no_better(serve: Serve) -> None:
    """A byte now and then, in the head or in the body, does not hold a connection."""
    async with serve(**BRIEF) as graph:
        for beginning in "GET /healthz HTTP/1.1\r\nX: ", POST + "Content-Length: 5000\r\n\r\n":
            async with wire(graph) as opened:
                opened.send(beginning)
                answer = asyncio.create_task(opened.answer())
                while not answer.done():
                    opened.send("a")
                    await asyncio.sleep(0.02)
                assert await answer == LATE


async def test_a_connection_without_a_request_is_closed_without_an_answer(serve: Serve) -> None:
    """Browsers open some ahead; one between two requests is closed so too."""
    async with serve(**BRIEF) as graph, wire(graph) as opened, wire(graph) as used:
        used.send(GET)
        answer = await used.answer()

        assert (answer, await opened.rest()) == ((200, {"status": "ok"}), b"")


async def test_two_hundred_half_requests_leave_nothing(serve: Serve) -> None:
    """All of them are closed, and others are answered meanwhile."""
    async with serve(header_seconds=2, body_seconds=1, max_connections_per_client=0) as graph:
        wires = []
        for index in range(200):
            wires.append(await asyncio.open_connection(*address(graph)))
            wires[-1][1].write(HALVES[index % 4].encode())
        answered = await graph.data("{ __typename }")
        heads = await asyncio.gather(*(reader.read() for reader, _ in wires))
        for _, writer in wires:
            writer.close()

    assert answered == {"__typename": "Query"}
    assert {head.split(b"\r\n")[0] for head in heads} == {b"HTTP/1.1 408 Request Timeout"}


def address(graph: Client) -> tuple[str, int]:
    host, _, port = graph.origin.removeprefix("http://").partition(":")
    return host, int(port)


async def test_a_head_without_an_end_is_cut_off(serve: Serve) -> None:
    """431, after 64 KiB and not after minutes of memory; as many names as one likes, or one long value."""
    for line in "X-A: 1\r\n", "x" * 1000:
        async with serve() as graph, wire(graph) as opened:
            opened.send("GET / HTTP/1.1\r\nHost: localhost\r\nX: " + line * (2 * LONGEST_HEAD // len(line)))
            status, answer = await opened.answer()

        assert (status, answer) == (
            431,
            error("HEADERS_TOO_LARGE", "Expected at most 65,536 bytes of headers"),
        )


async def test_what_is_not_http_is_a_400_in_json(graph: Client) -> None:
    """A TLS hello, or text."""
    for text in b"\x16\x03\x01\x02\x00\x01\x00", b"hello\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n":
        async with wire(graph) as opened:
            opened.send(text)
            assert (await opened.answer())[0] == 400
            assert await opened.rest() == b""


@pytest.mark.parametrize(
    ("limits", "allowed"),
    [({"max_connections_per_client": 3}, 3), ({"max_connections": 4, "max_connections_per_client": 0}, 4)],
)
async def test_too_many_connections_are_refused_at_once(
    serve: Serve, limits: dict[str, int], allowed: int
) -> None:
    """With 503, before they have sent anything; whoever leaves makes room, a WebSocket too."""
    async with serve(**limits) as graph:
        socket_ = await graph.session.ws_connect(
            graph.origin.replace("http", "ws", 1) + "/graphql", protocols=["graphql-transport-ws"]
        )
        wires = [await asyncio.open_connection(*address(graph)) for _ in range(allowed - 1)]
        for reader, writer in wires:
            writer.write(GET.encode())
            await reader.readuntil(b"}")
        async with wire(graph) as refused:
            answer = await refused.answer()
        await socket_.close()
        async with wire(graph) as opened:
            opened.send(GET)
            again = await opened.answer()
        for _, writer in wires:
            writer.close()

    assert answer == (503, error("TOO_MANY_CONNECTIONS", "Too many connections; try again later"))
    assert again == (200, {"status": "ok"})


async def test_two_thousand_connections_of_one_client(serve: Serve) -> None:
    """200 stay and are answered, the others get 503; a WebSocket that was there before goes on."""
    async with serve(header_seconds=60) as graph:
        async with graph.session.ws_connect(
            graph.origin.replace("http", "ws", 1) + "/graphql", protocols=["graphql-transport-ws"]
        ) as before:
            await before.send_json({"type": "connection_init"})
            acknowledged = await before.receive_json()
            wires = [await asyncio.open_connection(*address(graph)) for _ in range(2000)]
            refused = [await reader.read(12) for reader, _ in wires[199:]]
            for _, writer in wires[:199]:
                writer.write(GET.encode())
            answered = [await reader.read(12) for reader, _ in wires[:199]]
            await before.send_json({"type": "ping"})
            pong = await before.receive_json()
        for _, writer in wires:
            writer.close()

    assert (acknowledged["type"], pong["type"]) == ("connection_ack", "pong")
    assert refused == [b"HTTP/1.1 503"] * (2000 - 199)
    assert answered == [b"HTTP/1.1 200"] * 199


async def all_of(reader: asyncio.StreamReader) -> None:
    while await reader.read(65536):
        pass


async def test_pipelined_requests_are_answered_in_order(graph: Client) -> None:
    """A thousand in one piece, the last with a body in two pieces."""
    body = json.dumps({"query": "{ __typename }"})
    async with wire(graph) as opened:
        opened.send(GET * 1000 + POST + f"Content-Length: {len(body)}\r\n\r\n" + body[:5])
        answers = [await opened.answer() for _ in range(1000)]
        opened.send(body[5:])
        last = await opened.answer()

    assert answers == [(200, {"status": "ok"})] * 1000
    assert last == (200, {"data": {"__typename": "Query"}})


async def test_a_pipelined_request_has_its_time_from_the_answer_before(serve: Serve, box: Any) -> None:
    """While the server works on the first, the second's head may wait; then it is late."""
    body = json.dumps({"query": '{ task(id: "pixai:1") { id } }'})
    box.pixai.fail("POST /graphql", latency=0.5)
    async with serve(**BRIEF) as graph, wire(graph) as opened:
        opened.send(POST + f"Content-Length: {len(body)}\r\n\r\n{body}GET /heal")
        answers = [await opened.answer(), await opened.answer()]

    assert answers == [(200, {"data": {"task": None}}), LATE]


async def test_a_body_that_nobody_reads_any_more_has_an_end(serve: Serve) -> None:
    """Refused at its head, it may still arrive for a while, but not for ever."""
    async with serve(**BRIEF) as graph, wire(graph) as opened:
        opened.send(POST.replace("localhost", "evil.example") + "Transfer-Encoding: chunked\r\n\r\n")
        status, _ = await opened.answer()
        rest = asyncio.create_task(opened.rest())
        while not rest.done():
            opened.send(b"1000\r\n" + b"x" * 0x1000 + b"\r\n")
            await asyncio.sleep(0.02)

    assert status == 400


@pytest.mark.parametrize(
    ("beginning", "more"), [("1;x=", "a" * 4000), ("1\r\n \r\n0\r\n", "x-a: b\r\n" * 500)]
)
async def test_what_stands_between_chunks_buys_no_time(serve: Serve, beginning: str, more: str) -> None:
    """Extensions of a chunk, and trailers, which took 3.5 GB in a minute."""
    async with serve(**BRIEF) as graph, wire(graph) as opened:
        opened.send(f"{POST}Transfer-Encoding: chunked\r\n\r\n{beginning}")
        answer = asyncio.create_task(opened.answer())
        while not answer.done():
            opened.send(more)
            await asyncio.sleep(0.02)

        assert await answer == LATE


async def test_pipelined_requests_of_a_client_that_resets_are_no_bug(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    """The one that is being answered is not the newest; it must not write to what is closed."""
    async with serve(send_seconds=0.2) as graph:
        small = socket.create_connection(address(graph))
        small.setblocking(False)
        page = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
        await asyncio.get_running_loop().sock_sendall(small, page * 500)
        await asyncio.sleep(1)
        small.close()
        assert await graph.data("{ __typename }") == {"__typename": "Query"}

    assert [record.getMessage() for record in caplog.records if record.levelname != "INFO"] == []


async def test_a_large_upload_at_a_modest_speed_passes(serve: Serve) -> None:
    """Each 8 KiB buys a second."""
    body = json.dumps({"query": "{ __typename }", "extensions": {"x": "x" * 20 * RATE}}).encode()
    async with serve(**BRIEF) as graph, wire(graph) as opened:
        opened.send(POST + f"Content-Length: {len(body)}\r\n\r\n")
        for start in range(0, len(body), RATE):
            opened.send(body[start : start + RATE])
            await asyncio.sleep(0.03)
        answer = await opened.answer()

    assert answer == (200, {"data": {"__typename": "Query"}})


async def test_an_answer_that_nobody_reads_is_dropped(serve: Serve) -> None:
    """Seven megabytes that stay in memory otherwise; the connection ends in the midst of them."""
    query = json.dumps(
        {
            "query": "{"
            + "".join(
                f"a{n}: __schema {{ types {{ description fields {{ description }} }} }} " for n in range(90)
            )
            + "}"
        }
    )
    small = socket.socket()
    small.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    async with serve(send_seconds=0.3) as graph:
        small.connect(address(graph))
        reader, writer = await asyncio.open_connection(sock=small, limit=1)
        writer.write((POST + f"Content-Length: {len(query)}\r\n\r\n{query}").encode())
        head = await reader.read(1)
        await asyncio.sleep(1.5)
        with pytest.raises(ConnectionResetError):
            await all_of(reader)
        writer.close()

    assert head == b"H"


async def test_a_websocket_is_no_slow_request(serve: Serve) -> None:
    """It may be silent for longer than a head may take."""
    async with serve(**BRIEF) as graph:
        address = graph.origin.replace("http", "ws", 1) + "/graphql"
        async with graph.session.ws_connect(address, protocols=["graphql-transport-ws"]) as opened:
            await opened.send_json({"type": "connection_init"})
            first = await opened.receive_json()
            await asyncio.sleep(0.8)
            await opened.send_json({"type": "ping"})
            second = await opened.receive_json()

    assert (first, second) == ({"type": "connection_ack"}, {"type": "pong"})


def test_a_client_is_an_address() -> None:
    """Of IPv6 its /64, which one host has to itself; IPv4 in IPv6 is IPv4."""
    peers = [("10.0.0.1", 1), ("::ffff:10.0.0.1", 1, 0, 0), ("2001:db8::1:2:3:4", 1, 0, 0), None, ""]

    assert list(map(client_of, peers)) == ["10.0.0.1", "10.0.0.1", "2001:db8::/64", "", ""]
