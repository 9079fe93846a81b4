"""Bodies, answers and pipelined requests have their time and no more."""

from __future__ import annotations

import asyncio
import json
import socket
from typing import Any

import pytest

from server.connections import RATE, client_of
from tests.conftest import Client, Serve
from tests.server.wire import BRIEF, GET, LATE, POST, address, all_of, wire


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


async def test_an_offer_of_http_2_is_ignored(graph: Client, caplog: pytest.LogCaptureFixture) -> None:
    """Java's client and `curl --http2` make one: the body counts, and so does the next request."""
    body = json.dumps({"query": "{ __typename }"})
    offers = [
        "Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\n",
        "Connection: upgrade\r\nupgrade:h2c \r\n",
    ]
    async with wire(graph) as opened:
        answers = []
        for offer in (*offers, ""):
            opened.send(f"{POST}HTTP2-Settings: AAM\r\nContent-Length: {len(body)}\r\n{offer}\r\n{body}")
            answers.append(await opened.answer())

    assert answers == [(200, {"data": {"__typename": "Query"}})] * 3
    assert caplog.records == []


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
