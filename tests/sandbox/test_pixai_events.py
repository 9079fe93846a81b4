"""PixAI's event WebSocket: the protocol graphql-transport-ws, and `personalEvents` over it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import jiter
import pytest
from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType

from sandbox import Clock, Sandbox
from sandbox.pixai import events
from sandbox.pixai.world import MOVING
from tests.sandbox.requests import PixAI

EVENTS = """subscription subscribePersonalEvents { personalEvents { ...AllEvents } }
fragment AllEvents on Events { taskUpdated { id status outputs media { id } } }"""
CREATE = "mutation($p: JSONObject!) { createGenerationTask(parameters: $p) { id } }"
SUBSCRIBE = {"id": "1", "type": "subscribe", "payload": {"query": EVENTS}}


@asynccontextmanager
async def opened(box: Sandbox, *protocols: str) -> AsyncIterator[ClientWebSocketResponse]:
    """A socket on which nothing has been said."""
    async with (
        ClientSession() as session,
        session.ws_connect(f"{box.pixai.url}/graphql", protocols=protocols) as socket,
    ):
        yield socket


@asynccontextmanager
async def connected(box: Sandbox) -> AsyncIterator[ClientWebSocketResponse]:
    """A socket that has been acknowledged."""
    async with opened(box, events.PROTOCOL) as socket:
        await socket.send_json({"type": "connection_init", "payload": {"token": box.pixai.key}})
        assert await _next(socket) == {"type": "connection_ack"}
        yield socket


async def _next(socket: ClientWebSocketResponse) -> Any:
    async with asyncio.timeout(5):
        return jiter.from_json((await socket.receive_str()).encode())


async def _close(socket: ClientWebSocketResponse) -> tuple[int | None, str | None]:
    async with asyncio.timeout(5):
        closing = await socket.receive()
    assert closing.type is WSMsgType.CLOSE
    return closing.data, closing.extra


async def _subscribe(socket: ClientWebSocketResponse) -> None:
    """In force when this returns: the pong shows that the messages before the ping have been read."""
    await socket.send_json(SUBSCRIBE)
    await socket.send_json({"type": "ping"})
    assert await _next(socket) == {"type": "pong"}


def _task(message: Any) -> Any:
    return message["payload"]["data"]["personalEvents"]["taskUpdated"]


async def _create(pixai: PixAI) -> str:
    made = await pixai.data(CREATE, p={"prompts": "a heron"})
    key: str = made["createGenerationTask"]["id"]
    return key


async def test_every_change_of_a_task_is_an_event(pixai: PixAI, box: Sandbox, clock: Clock) -> None:
    """Also where the clock is stepped over all of them; each has the task as it was then."""
    async with connected(box) as socket:
        await _subscribe(socket)
        key = await _create(pixai)
        seen = [await _next(socket)]
        clock.advance(1000)  # every task that moves ends; this one after some of them
        tasks = [_task(seen[0])]
        while (tasks[-1]["id"], tasks[-1]["status"]) != (key, "completed"):
            seen.append(await _next(socket))
            tasks.append(_task(seen[-1]))

    assert {(one["id"], one["type"]) for one in seen} == {("1", "next")}
    assert [task["status"] for task in tasks if task["id"] == key] == ["waiting", "running", "completed"]
    ended = tasks[-1]
    assert ended["media"] == {"id": ended["outputs"]["mediaId"]}
    assert {task["id"] for task in tasks} - {key} < MOVING.keys()


async def test_a_cancelled_task_has_no_later_event(pixai: PixAI, box: Sandbox, clock: Clock) -> None:
    """What the schedule held for it is void; another subscriber of the account sees the same."""
    cancel = "mutation($id: ID!) { cancelGenerationTask(id: $id) { status } }"
    async with connected(box) as one, connected(box) as other:
        await _subscribe(one)
        await _subscribe(other)
        key = await _create(pixai)
        clock.advance(1)
        await pixai.data(cancel, id=key)
        clock.advance(20)
        last = await _create(pixai)
        seen: list[list[tuple[str, str]]] = [[], []]
        for socket, found in zip((one, other), seen, strict=True):
            while not found or found[-1][0] != last:
                task = _task(await _next(socket))
                found.append((task["id"], task["status"]))

    assert seen[0] == seen[1]
    assert [status for task, status in seen[0] if task == key] == ["waiting", "cancelled"]


async def test_a_completed_subscription_says_nothing_more(pixai: PixAI, box: Sandbox) -> None:
    """Its id may be used again; pings are answered meanwhile."""
    async with connected(box) as socket:
        await _subscribe(socket)
        await socket.send_json({"id": "1", "type": "complete"})
        await socket.send_json({"type": "ping"})
        assert await _next(socket) == {"type": "pong"}
        await _create(pixai)
        await _subscribe(socket)


async def test_queries_go_over_the_socket_too(box: Sandbox) -> None:
    """One result, then the end; what does not fit the schema is an error."""
    async with connected(box) as socket:
        await socket.send_json({"id": "a", "type": "subscribe", "payload": {"query": "{ me { id email } }"}})
        result, end = await _next(socket), await _next(socket)
        await socket.send_json({"id": "b", "type": "subscribe", "payload": {"query": "{ nothing }"}})
        error = await _next(socket)

    assert result["payload"]["data"]["me"]["email"] == "sandbox@example.com"
    assert end == {"id": "a", "type": "complete"}
    assert (error["id"], error["type"]) == ("b", "error")
    assert error["payload"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"


INIT = {"type": "connection_init", "payload": {"token": "sandbox-pixai-key"}}


@pytest.mark.parametrize(
    ("messages", "code", "reason"),
    [
        ([{"type": "connection_init"}], 4403, "Forbidden"),
        ([{"type": "connection_init", "payload": {"token": "Bearer sandbox-pixai-key"}}], 4403, "Forbidden"),
        ([SUBSCRIBE], 4401, "Unauthorized"),
        ([INIT, INIT], 4429, "Too many initialisation requests"),
        ([INIT, SUBSCRIBE, SUBSCRIBE], 4409, "Subscriber for 1 already exists"),
        ([INIT, {"type": "nonsense"}], 4400, "Invalid message received"),
        ([INIT, {"type": "subscribe", "payload": {}}], 4400, "Invalid message received"),
        ([INIT, []], 4400, "Invalid message received"),
    ],
)
async def test_breaches_of_the_protocol_close_it(
    box: Sandbox, messages: list[Any], code: int, reason: str
) -> None:
    """With the protocol's own codes; the token stands bare, without Bearer."""
    async with opened(box, events.PROTOCOL) as socket:
        for message in messages:
            await socket.send_json(message)
        if messages[0] is INIT:
            assert await _next(socket) == {"type": "connection_ack"}

        assert await _close(socket) == (code, reason)


async def test_a_socket_that_says_nothing_is_closed(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """And one without the protocol, and one that does not speak JSON."""
    monkeypatch.setattr(events, "INIT_TIMEOUT", 0.01)
    async with opened(box, events.PROTOCOL) as silent:
        late = await _close(silent)
    async with opened(box) as plain:
        other = await _close(plain)
    monkeypatch.undo()
    async with opened(box, events.PROTOCOL) as binary:
        await binary.send_bytes(b"{}")
        invalid = await _close(binary)

    assert late == (4408, "Connection initialisation timeout")
    assert other == (4406, "Subprotocol not acceptable")
    assert invalid == (4400, "Invalid message received")
    assert box.pixai.streams.opened == 3


async def test_sockets_are_counted_and_can_be_cut(pixai: PixAI, box: Sandbox) -> None:
    """By a test at any time, or by a fault in place of a message."""
    async with connected(box) as one, connected(box) as other:
        assert len(box.pixai.streams) == 2
        box.pixai.streams.cut()
        assert {(await one.receive()).type, (await other.receive()).type} <= {
            WSMsgType.CLOSED,
            WSMsgType.ERROR,
        }

    box.pixai.fail("GET /graphql", cut_after=1, times=1)
    async with connected(box) as socket:
        await _subscribe(socket)
        await _create(pixai)
        assert (await _next(socket))["type"] == "next"
        await _create(pixai)
        assert (await socket.receive()).type in (WSMsgType.CLOSED, WSMsgType.ERROR)
    async with connected(box):
        assert box.pixai.streams.opened == 4
