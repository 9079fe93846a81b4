"""A client that has gone ends its query; a write that has begun goes on."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import strawberry
from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive, Scope, Send

from resolvers.context import Caller, RequestContext
from server.error_response import Bugs
from server.graphql.departure import EndedByDeparture
from server.graphql.endpoint import Endpoint
from server.request_trace import RequestTraces
from server.run import listen, uvicorn_config
from server.settings import Settings
from tests.conftest import StoppedAtOnce

STARTED, CANCELLED, DONE = "started", "cancelled", "done"


@strawberry.type
class Query:
    """One field that takes its time."""

    @strawberry.field
    async def slow(self, info: strawberry.Info[RequestContext], writes: bool) -> bool:
        """Tell a queue what becomes of it."""
        info.context.has_begun_write = writes
        told: asyncio.Queue[str] = info.context.accounts  # type: ignore[assignment]  # the test's own way in
        told.put_nowait(STARTED)
        try:
            await asyncio.sleep(0.5)
        except asyncio.CancelledError:
            told.put_nowait(CANCELLED)
            raise
        told.put_nowait(DONE)
        return True


@asynccontextmanager
async def slow_server(told: asyncio.Queue[str]) -> AsyncIterator[int]:
    """The endpoint over a real socket; its port."""
    endpoint = Endpoint(
        strawberry.Schema(Query),
        lambda *_: RequestContext(told),  # type: ignore[arg-type]
        lambda _: Caller(),
    )

    async def with_caller(scope: Scope, receive: Receive, send: Send) -> None:
        scope["caller"] = Caller()
        await endpoint(scope, receive, send)

    with listen("127.0.0.1", 0) as bound:
        server = StoppedAtOnce(uvicorn_config(RequestTraces(Bugs(with_caller)), Settings()))
        running = asyncio.create_task(server.serve(sockets=[bound]))
        try:
            yield bound.getsockname()[1]
        finally:
            server.stopped.set()
            await running


@pytest.mark.parametrize(("writes", "end"), [(False, CANCELLED), (True, DONE)])
@pytest.mark.parametrize("abruptly", [False, True])
async def test_a_client_that_hangs_up_ends_its_query_but_no_write(
    writes: bool, end: str, abruptly: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """By closing or by a reset; nothing is logged, because there is nobody to answer."""
    told: asyncio.Queue[str] = asyncio.Queue()
    body = json.dumps({"query": f"{{ slow(writes: {json.dumps(writes)}) }}"})
    head = (
        f"POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )

    async with slow_server(told) as port:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write((head + body).encode())
        started = await told.get()
        writer.transport.abort() if abruptly else writer.close()
        ended = await told.get()

    assert (started, ended, caplog.records) == (STARTED, end, [])


async def test_a_client_that_stays_has_its_answer() -> None:
    """A second request on the same connection, sent ahead, is none that leaves."""
    told: asyncio.Queue[str] = asyncio.Queue()
    body = json.dumps({"query": "{ slow(writes: false) }"})
    head = f"POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"

    async with slow_server(told) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(f"{head}\r\n{body}{head}Connection: close\r\n\r\n{body}".encode())
        answers = await reader.read()
        writer.close()

    assert answers.count(b'{"data":{"slow":true}}') == 2


async def never() -> Message:
    return await asyncio.Future()


async def test_an_error_or_a_cancellation_of_its_own_passes() -> None:
    """Only a departure becomes ClientDisconnect; what watched for it ends with the block."""
    with pytest.raises(TimeoutError):
        async with EndedByDeparture(never, lambda: False):
            raise TimeoutError
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1), EndedByDeparture(never, lambda: False):
            await asyncio.sleep(10)

    async def gone() -> Message:
        return {"type": "http.disconnect"}

    with pytest.raises(ClientDisconnect):
        async with EndedByDeparture(gone, lambda: False):
            await asyncio.sleep(10)

    assert asyncio.all_tasks() == {asyncio.current_task()}
