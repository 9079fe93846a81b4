"""Requests are free when they are over: none leaves a circle that only the collector finds."""

from __future__ import annotations

import asyncio
import gc
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import orjson
import pytest

from tests.conftest import Client, Serve
from tests.server.wire import wire

QUERIES = [
    '{ media(id: "pixai:459604023097100648") { id width urls { variant url } } }',
    "{ tasks(first: 5) { edges { cursor node { id prompt } } pageInfo { endCursor } } }",
    "{ providers { provider } }",
]
OURS = ("engine.", "loaders.", "resolvers.", "schema.", "server.", "uvicorn.")


@contextmanager
def collected() -> Iterator[Counter[str]]:
    """By class, what only the collector finds of what is made within; filled in at the end."""
    found: Counter[str] = Counter()
    gc.collect()
    gc.disable()
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        yield found
        gc.collect()
        found.update(f"{type(one).__module__}.{type(one).__qualname__}" for one in gc.garbage)
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()


def post(graph: Client, query: str) -> bytes:
    """A request, as it is sent."""
    body = orjson.dumps({"query": query})
    head = f"POST /graphql HTTP/1.1\r\nHost: {graph.origin.partition('://')[2]}\r\n"
    return f"{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


@pytest.mark.parametrize("query", QUERIES)
async def test_a_request_leaves_nothing_for_the_collector(serve: Serve, query: str) -> None:
    """Twenty of them on one connection, each executed; what the first one compiles is not counted."""
    async with serve(answers="off") as graph, wire(graph) as connection:
        connection.send(post(graph, query))
        await connection.answer()
        await asyncio.sleep(0.1)
        with collected() as left:
            for _ in range(20):
                connection.send(post(graph, query))
                await connection.answer()
            await asyncio.sleep(0.1)

    assert {name: count for name, count in left.items() if name.startswith(OURS)} == {}
