"""Subscriptions over each transport, and what a test waits for."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from loaders.rhythm import Rhythm
from tests.conftest import Client

FIELDS = (
    "taskId isDeleted error { code provider retryable } task { id status progress isTerminal media { id } }"
)
WATCH = f"subscription ($ids: [ID!]!) {{ tasksUpdated(ids: $ids) {{ {FIELDS} }} }}"

# nothing is looked at twice by itself: what comes after the snapshot, a stream or a hook has brought
STILL = Rhythm(quick=900, slow=900, least=0, retry=0.02, longest_retry=0.05)
# everything is looked at all the time
BUSY = Rhythm(quick=0.02, slow=0.3, least=0, patience=5, retry=0.02, longest_retry=0.05)

Payloads = AsyncIterator[dict[str, Any]]
Transport = Callable[..., AbstractAsyncContextManager[Payloads]]


@asynccontextmanager
async def events(
    graph: Client, ids: list[str], query: str = WATCH, **headers: str
) -> AsyncIterator[Payloads]:
    """Over server-sent events, one connection for each."""
    body = {"query": query, "variables": {"ids": ids}}
    headers = {"Accept": "text/event-stream", **headers}
    async with graph.session.post(f"{graph.origin}/graphql", json=body, headers=headers) as response:
        assert (response.status, response.content_type) == (200, "text/event-stream")

        async def payloads() -> Payloads:
            name = ""
            async for line in response.content:
                text = line.decode().rstrip("\n")
                if text.startswith("event: "):
                    name = text.removeprefix("event: ")
                elif text.startswith("data: ") and name == "next":
                    yield json.loads(text.removeprefix("data: "))
            assert name == "complete"

        yield payloads()


@asynccontextmanager
async def websocket(graph: Client, ids: list[str], query: str = WATCH) -> AsyncIterator[Payloads]:
    """Over graphql-transport-ws."""
    address = graph.origin.replace("http", "ws", 1) + "/graphql"
    async with graph.session.ws_connect(address, protocols=["graphql-transport-ws"]) as wire:
        await wire.send_json({"type": "connection_init"})
        assert await wire.receive_json() == {"type": "connection_ack"}
        payload = {"query": query, "variables": {"ids": ids}}
        await wire.send_json({"type": "subscribe", "id": "1", "payload": payload})

        async def payloads() -> Payloads:
            while (message := await wire.receive_json())["type"] != "complete":
                assert message["type"] == "next", message
                yield message["payload"]

        yield payloads()


@asynccontextmanager
async def parts(graph: Client, ids: list[str], query: str = WATCH) -> AsyncIterator[Payloads]:
    """Over `multipart/mixed`, read as Apollo's clients do."""
    body = {"query": query, "variables": {"ids": ids}}
    headers = {"Accept": 'multipart/mixed;boundary="graphql";subscriptionSpec=1.0,application/json'}
    async with graph.session.post(f"{graph.origin}/graphql", json=body, headers=headers) as response:
        kind = 'multipart/mixed;boundary="graphql";subscriptionSpec=1.0'
        assert (response.status, response.headers["Content-Type"]) == (200, kind)

        async def payloads() -> Payloads:
            buffer = ""
            async for chunk in response.content.iter_any():
                *whole, buffer = (buffer + chunk.decode()).split("\r\n--graphql")
                for part in whole:
                    body = json.loads(part.partition("\r\n\r\n")[2])
                    if body:
                        yield body["payload"]
            assert buffer == "--\r\n"

        yield payloads()


TRANSPORTS: dict[str, Transport] = {"events": events, "websocket": websocket, "parts": parts}


async def update(payloads: Payloads) -> dict[str, Any]:
    """The next one, whole: a payload without errors."""
    async with asyncio.timeout(20):
        payload = await anext(payloads)
    assert payload.keys() == {"data"}, payload
    (found,) = payload["data"].values()
    result: dict[str, Any] = found
    return result


async def rest(payloads: Payloads) -> list[dict[str, Any]]:
    """Until the stream completes."""
    found = []
    while True:
        try:
            found.append(await update(payloads))
        except StopAsyncIteration:
            return found


def courses(updates: list[dict[str, Any]]) -> dict[str, list[Any]]:
    """By id: each status once in a row, then how the id ended where it was not by its task's end."""
    found: dict[str, list[Any]] = {}
    for one in updates:
        course = found.setdefault(one["taskId"], [])
        if one["error"] is not None:
            course.append(one["error"]["code"])
        elif one["task"] is None:
            course.append("deleted" if one["isDeleted"] else "unknown")
        elif course[-1:] != [one["task"]["status"]] or one["task"]["status"] in {
            "SUCCEEDED",
            "FAILED",
            "CANCELED",
        }:
            course.append(one["task"]["status"])
    return found


def assert_forwards(updates: list[dict[str, Any]]) -> None:
    """Progress never falls, and nothing follows an end."""
    last: dict[str, dict[str, Any]] = {}
    for one in updates:
        before = last.get(one["taskId"])
        if before is not None:
            assert before["task"] is not None
            assert before["error"] is None
            assert before["task"]["status"] not in {"SUCCEEDED", "FAILED", "CANCELED"}
            if one["task"] is not None and before["task"]["progress"] is not None:
                assert one["task"]["progress"] >= before["task"]["progress"]
        last[one["taskId"]] = one


async def until(condition: Callable[[], object]) -> None:
    """Returns once it holds."""
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 - of the sandbox's state, which has no event
            await asyncio.sleep(0.005)


def watchers_tasks() -> list[asyncio.Task[Any]]:
    """What the watchers, and subscriptions, have running in this loop."""
    mine = ("loaders/watcher", "loaders/meshy/watch", "loaders/pixai/watch", "gql/", "strawberry/")
    found = []
    for task in asyncio.all_tasks():
        code = getattr(task.get_coro(), "cr_code", None)
        if code is not None and any(part in code.co_filename for part in mine):
            found.append(task)
    return found
