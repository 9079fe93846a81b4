"""What several ask at once is executed once, and nobody can tell."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Awaitable
from itertools import chain
from typing import Any

import orjson
import pytest

from engine.direct import Direct
from loaders.changes import Changes
from sandbox import Sandbox
from server.under_way import UnderWay
from tests.conftest import Client, Serve
from tests.server.held import Held, sent, slow
from tests.server.sent import Sent, answer
from tests.server.test_server_answers import DELETE, TOKENS
from tests.server.wire import POST, wire

PAGE = "{ tasks(first: 20) { nodes { id prompt media { id width } } missing { code } } }"
TASK = "meshy:image-to-image:019480a4-5df8-7496-98fb-e0fa5be1701f"


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Held:
    """Of the short way."""
    return Held(monkeypatch)


def page(**headers: str) -> Sent:
    """A request for the newest tasks."""
    return Sent({"query": PAGE}, headers={name.replace("_", "-"): value for name, value in headers.items()})


async def test_what_several_ask_at_once_is_executed_once(graph: Client, held: Held, box: Sandbox) -> None:
    """Also for one that comes later; the answer is that of one who asks alone, and each has his own id."""
    requests = await sent(graph, page(), page(), page(X_Request_Id="mine-1"))
    requests += await sent(graph, page())
    await held.count(1)
    held.open.set()
    found = await asyncio.gather(*requests)

    alone = await answer(graph, page())

    named = {**alone[1], "x-request-id": "mine-1"}
    assert found == [alone, alone, (200, named, alone[2]), alone]
    assert held.begun == [PAGE, PAGE]
    assert len(orjson.loads(alone[2])["data"]["tasks"]["nodes"]) == 20
    assert box.pixai.requests["POST /graphql"] == 3  # twice the list; its pictures, which are kept then


async def test_nothing_is_kept(graph: Client, held: Held) -> None:
    """Whoever asks after the answer has it executed."""
    held.open.set()

    for _ in range(3):
        await answer(graph, page())

    assert held.begun == [PAGE] * 3


@pytest.mark.parametrize(
    "other",
    [
        page(Authorization="Bearer write"),
        page(Authorization="Bearer read", Accept="application/graphql-response+json"),
        page(Authorization="Bearer read", Accept_Encoding="gzip"),
        Sent({"query": PAGE, "variables": {}}, headers={"Authorization": "Bearer read"}),
    ],
    ids=["role", "media type", "gzip", "body"],
)
async def test_whatever_is_not_the_same_is_executed_for_itself(serve: Serve, held: Held, other: Sent) -> None:
    """Another role, another form of the answer, another spelling."""
    async with serve(**TOKENS) as graph:
        requests = await sent(graph, page(Authorization="Bearer read"), other)
        await held.count(2)
        held.open.set()
        (_, _, one), (_, headers, two) = await asyncio.gather(*requests)

    assert one == (gzip.decompress(two) if "content-encoding" in headers else two)


async def test_nobody_joins_what_began_long_ago(serve: Serve, held: Held) -> None:
    """A second; or a tenth of the deadline, of which whoever joins has so much less."""
    async with serve(deadline=2.0) as graph:
        requests = await sent(graph, page(), page())
        await asyncio.sleep(0.3)
        requests += await sent(graph, page(), page())
        await held.count(2)
        held.open.set()
        found = await asyncio.gather(*requests)

    assert len({content for _, _, content in found}) == 1


async def test_whoever_leaves_takes_nothing_from_the_others(graph: Client, held: Held) -> None:
    """The first, for whom it is executed, and one of those who joined."""
    requests = await sent(graph, page(), page(), page())
    await held.count(1)
    for one in requests[:2]:
        one.cancel()
    await asyncio.sleep(0.1)
    held.open.set()

    status, _, content = await requests[2]

    assert (status, "errors" in orjson.loads(content)) == (200, False)
    assert (held.begun, held.canceled) == ([PAGE], [])


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2)])
async def test_what_nobody_waits_for_any_more_is_ended(
    graph: Client, held: Held, order: tuple[int, ...]
) -> None:
    """Whoever leaves last; the next who asks has it executed anew."""
    requests = await sent(graph, page(), page(), page())
    await held.count(1)
    for one in order:
        assert held.canceled == []
        requests[one].cancel()
        await asyncio.sleep(0.1)
    assert held.canceled == [PAGE]

    held.open.set()

    assert (await answer(graph, page()))[0] == 200
    assert held.begun == [PAGE, PAGE]


async def test_errors_are_everybodys(graph: Client, held: Held) -> None:
    """Each answer names its own request."""
    wrong = Sent({"query": '{ media(id: "?") { id } }'})
    requests = await sent(graph, wrong, wrong, wrong)
    await held.count(1)
    held.open.set()

    found = await asyncio.gather(*requests)

    assert found == [await answer(graph, wrong)] * 3
    assert orjson.loads(found[0][2])["errors"][0]["extensions"] == {"code": "INVALID_ID", "requestId": "ID"}


async def test_a_bug_is_everybodys(
    graph: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Told as INTERNAL, and nothing of it; it is not executed again for each of those who wait."""
    begun: list[str] = []

    async def failing(_direct: Direct, _entry: Any, text: str, *_: Any) -> Any:
        begun.append(text)
        await asyncio.sleep(0.1)
        raise RuntimeError("of the inside")

    monkeypatch.setattr(Direct, "execute", failing)
    found = await asyncio.gather(*await sent(graph, page(), page(), page()))

    error = {"message": "Internal error", "extensions": {"code": "INTERNAL", "requestId": "ID"}}
    assert [(status, orjson.loads(content)) for status, _, content in found] == [
        (500, {"errors": [error]})
    ] * 3
    assert begun == [PAGE]
    assert "uvicorn" not in {record.name for record in caplog.records}


async def test_what_has_no_plan_takes_the_general_way_each_time(graph: Client, held: Held) -> None:
    """A mutation that several send at once is as many mutations."""
    held.open.set()
    body = Sent({"query": DELETE, "variables": {"id": TASK}})

    found = [orjson.loads(content) for _, _, content in await asyncio.gather(*await sent(graph, body, body))]

    assert sorted("errors" in one or one["data"]["deleteTask"]["deletedId"] is None for one in found) == [
        False,
        True,
    ]
    assert held.begun == []


@pytest.mark.parametrize(
    ("settings", "executions"),
    [({"answers": "off"}, 3), ({"passthrough": True}, 0)],
    ids=["off", "passthrough"],
)
async def test_where_nothing_is_shared(
    serve: Serve, box: Sandbox, held: Held, settings: dict[str, Any], executions: int
) -> None:
    """Switched off; or callers bring keys of their own, and nothing takes the short way."""
    async with serve(**settings) as graph:
        requests = await sent(graph, *[page(X_PixAI_Key=box.pixai.key)] * 3)
        await held.count(executions)
        held.open.set()
        found = await asyncio.gather(*requests)

    assert [status for status, _, _ in found] == [200] * 3


async def test_a_thousand_on_connections_that_are_cut(graph: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every other one leaves, most of them while it is executed; the others have the same bytes."""
    slow(monkeypatch, 0.1)
    body = orjson.dumps({"query": PAGE}).decode()

    async def one(number: int) -> list[bytes]:
        found = []
        async with wire(graph) as connection:
            for _ in range(20):
                connection.send(f"{POST}Content-Length: {len(body)}\r\n\r\n{body}")
                if number % 2:
                    await asyncio.sleep(number / 1000)
                    break
                found.append(orjson.dumps(await connection.answer()))
        return found

    found = await asyncio.gather(*map(one, range(100)))

    assert [len(each) for each in found] == [20, 0] * 50
    assert len(set(chain(*found))) == 1


class Asked:
    """One registry and its clients, without a server."""

    def __init__(self) -> None:
        self.executions: UnderWay[int] = UnderWay(Changes(), 30.0)
        self.begun = 0
        self.failure: BaseException | None = None
        self.open = asyncio.Event()

    def get(self) -> Awaitable[int]:
        """As one client."""
        return self.executions.get("key", _stays, self._execute)

    async def _execute(self) -> int:
        self.begun += 1
        number = self.begun
        await self.open.wait()
        await asyncio.sleep(0.001)
        if self.failure is not None:
            failure, self.failure = self.failure, None
            raise failure
        return number


async def _stays() -> Any:
    return await asyncio.Future()


@pytest.mark.parametrize("failure", [RuntimeError("a bug"), asyncio.CancelledError()])
async def test_what_fails_without_an_answer_is_executed_by_each(failure: BaseException) -> None:
    """Not one behind the other: that might take each of them a deadline."""
    asked = Asked()
    asked.failure = failure
    tasks = [asyncio.ensure_future(asked.get()) for _ in range(4)]
    await asyncio.sleep(0)
    asked.open.set()

    found: list[Any] = await asyncio.gather(*tasks, return_exceptions=True)
    first, *others = found

    assert type(first) is type(failure)
    assert (sorted(others), asked.begun, len(asked.executions)) == ([2, 3, 4], 4, 0)


async def test_nothing_is_left_behind() -> None:
    """Ten thousand, one after the other and together."""
    asked = Asked()
    asked.open.set()

    for _ in range(100):
        await asyncio.gather(*(asked.get() for _ in range(100)))

    assert (asked.begun, len(asked.executions)) == (100, 0)
    assert asyncio.all_tasks() == {asyncio.current_task()}
