"""Clients that do not go on: half a head, half a body, answers that nobody reads, and too many at once."""

from __future__ import annotations

import asyncio

import pytest

from server.connections import LONGEST_HEAD
from tests.conftest import Client, Serve
from tests.server.wire import BRIEF, GET, HALVES, LATE, POST, address, error, wire


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
    """With 503, before they have sent anything; whoever leaves makes space, a WebSocket too."""
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
