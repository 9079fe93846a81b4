"""Clients that leave at any moment: nothing of their subscriptions is left."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from random import Random

import pytest
from starlette.responses import StreamingResponse
from starlette.types import Message
from strawberry.http.streaming import merge_stream_with_heartbeat

from sandbox import Clock, Sandbox
from sandbox.meshy.world import MOVING as MESHY
from sandbox.pixai.world import MOVING as PIXAI
from server.graphql.events import Streamed
from server.settings import Settings
from tests.conftest import serving
from tests.watch.watching import BUSY, TRANSPORTS, Transport, until, update, watchers_tasks

IDS = [*(f"task:pixai:{key}" for key in list(PIXAI)[1:]), *(f"task:meshy:{key}" for key in list(MESHY)[1:5])]


@pytest.mark.parametrize("transport", TRANSPORTS.values(), ids=TRANSPORTS)
async def test_nothing_is_left_of_those_who_leave_halfway(
    box: Sandbox, clock: Clock, transport: Transport, caplog: pytest.LogCaptureFixture
) -> None:
    """Between two updates, while one is sent, or before the first; no generator is left to the collector."""
    random = Random(7)

    async with serving(Settings(), box, rhythm=BUSY) as graph:

        async def visit() -> None:
            async with transport(graph, random.sample(IDS, 5)) as stream:
                for _ in range(random.randrange(5)):
                    await update(stream)

        for _ in range(4):
            await asyncio.gather(*(visit() for _ in range(15)))
            clock.advance(0.1)
        await until(lambda: not watchers_tasks())

    assert [record.getMessage() for record in caplog.records] == []


async def test_an_answer_that_nobody_reads_closes_its_results_when_its_client_goes() -> None:
    """At once, though one update waits to be sent and the next one behind it."""
    closed: list[str] = []
    has_gone, is_sending = asyncio.Event(), asyncio.Event()

    async def results() -> AsyncGenerator[str, None]:
        try:
            while True:
                yield "an update"
        finally:
            closed.append("results")

    async def receive() -> Message:
        await has_gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.body":
            is_sending.set()
            await asyncio.Event().wait()

    found = results()
    texts = merge_stream_with_heartbeat(lambda: found, lambda: "", 60, send_initial_heartbeat=False)
    answer = Streamed(StreamingResponse(texts()), found)
    answering = asyncio.create_task(answer({"type": "http"}, receive, send))
    await is_sending.wait()
    for _ in range(5):  # until the next update stands in the queue, and one more behind it
        await asyncio.sleep(0)
    has_gone.set()
    await answering

    assert closed == ["results"]
