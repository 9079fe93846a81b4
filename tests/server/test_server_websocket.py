"""GraphQL over a WebSocket, by graphql-transport-ws."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import aiohttp
import pytest

from sandbox import Sandbox
from sandbox.pixai import vendor_examples
from server.access.tokens import Token
from tests.conftest import Client, Serve

TASK = f"task:pixai:{vendor_examples.SINGLE}"
QUERY = "query ($id: ID!) { task(id: $id) { status media { id } } }"
ANSWER = {
    "data": {
        "task": {"status": "SUCCEEDED", "media": [{"id": f"media:pixai:{vendor_examples.SINGLE_MEDIA}"}]}
    }
}


@dataclass
class Socket:
    """A client of the protocol."""

    wire: aiohttp.ClientWebSocketResponse

    async def begin(self, **payload: str) -> Any:
        """`connection_init`, and what comes back."""
        await self.wire.send_json({"type": "connection_init", "payload": payload})
        return await self.wire.receive_json()

    async def ask(self, name: str, query: str, **variables: object) -> None:
        """Begin an operation."""
        payload = {"query": query, "variables": variables}
        await self.wire.send_json({"type": "subscribe", "id": name, "payload": payload})

    async def until_complete(self, names: Sequence[str]) -> dict[str, list[Any]]:
        """What each operation sent, until all have ended; an `error` ends one too."""
        sent: dict[str, list[Any]] = {name: [] for name in names}
        left = set(names)
        while left:
            message = await self.wire.receive_json()
            if message["type"] != "complete":
                sent[message["id"]].append(message["payload"])
            if message["type"] != "next":
                left.remove(message["id"])
        return sent

    async def close_code(self) -> int | None:
        """With which code the server hangs up."""
        message = await self.wire.receive()
        assert message.type is aiohttp.WSMsgType.CLOSE, message
        return self.wire.close_code


@asynccontextmanager
async def socket(graph: Client, **headers: str) -> AsyncIterator[Socket]:
    """An open one."""
    address = graph.origin.replace("http", "ws", 1) + "/graphql"
    async with graph.session.ws_connect(address, protocols=["graphql-transport-ws"], headers=headers) as wire:
        yield Socket(wire)


async def test_a_query_and_a_subscription_are_answered(graph: Client) -> None:
    """A query with its data; taskUpdated with a task that has ended, which completes it."""
    update = f'subscription {{ taskUpdated(id: "{TASK}") {{ taskId task {{ status }} error {{ code }} }} }}'

    async with socket(graph) as opened:
        acknowledged = await opened.begin()
        await opened.ask("query", QUERY, id=TASK)
        await opened.ask("update", update)
        sent = await opened.until_complete(["query", "update"])

    assert acknowledged == {"type": "connection_ack"}
    assert sent == {
        "query": [ANSWER],
        "update": [
            {"data": {"taskUpdated": {"taskId": TASK, "task": {"status": "SUCCEEDED"}, "error": None}}}
        ],
    }


async def test_concurrent_operations_do_not_mix(graph: Client, box: Sandbox) -> None:
    """Thirty at once over one socket: each has its own answer, and together they cost one call."""
    keys = ["none", vendor_examples.SINGLE]
    names = [f"{index}" for index in range(30)]

    async with socket(graph) as opened:
        await opened.begin()
        for name in names:
            await opened.ask(name, QUERY, id=f"task:pixai:{keys[int(name) % 2]}")
        sent = await opened.until_complete(names)

    assert sent == {name: [ANSWER if int(name) % 2 else {"data": {"task": None}}] for name in names}
    assert box.pixai.requests["POST /graphql"] <= 2  # the first message may arrive a tick before the rest


async def test_each_operation_has_loaders_of_its_own(graph: Client, box: Sandbox) -> None:
    """What one was refused, the next asks for again: a socket's first answers are not its last."""
    box.pixai.fail("POST /graphql", status=403, times=1)
    async with socket(graph) as opened:
        await opened.begin()
        for refused in (True, False):
            await opened.ask("1", QUERY, id=f"task:pixai:{vendor_examples.SINGLE}")
            (answer,) = (await opened.until_complete(["1"]))["1"]
            assert (answer["data"] == {"task": None}) is refused

    assert box.pixai.requests["POST /graphql"] == 2


@pytest.mark.parametrize(
    ("query", "code"), [("{", "GRAPHQL_PARSE_FAILED"), ("{ nothing }", "GRAPHQL_VALIDATION_FAILED")]
)
async def test_a_wrong_document_ends_its_operation_only(graph: Client, query: str, code: str) -> None:
    """With its code and the id of the handshake; the socket goes on."""
    async with socket(graph, **{"X-Request-Id": "socket-1"}) as opened:
        await opened.begin()
        await opened.ask("wrong", query)
        wrong = await opened.until_complete(["wrong"])
        await opened.ask("right", QUERY, id=TASK)
        right = await opened.until_complete(["right"])

    assert [error["extensions"] for error in wrong["wrong"][0]] == [{"code": code, "requestId": "socket-1"}]
    assert right == {"right": [ANSWER]}


async def test_an_unknown_operation_name_ends_its_operation_only(graph: Client) -> None:
    """However long it is: a closing frame would not hold it."""
    payload = {"query": "query A { __typename }", "operationName": "B" * 200}

    async with socket(graph) as opened:
        await opened.begin()
        await opened.wire.send_json({"type": "subscribe", "id": "1", "payload": payload})
        message = await opened.wire.receive_json()

    assert (message["type"], message["id"]) == ("error", "1")


NO_MESSAGES = [
    "[]",
    "7",
    "{",
    '{"type": 7}',
    '{"type": "subscribe", "id": [], "payload": {"query": "{ __typename }"}}',
    '{"type": "subscribe", "id": "1", "payload": "x"}',
    '{"type": "subscribe", "id": "1", "payload": {"query": 7}}',
    '{"type": "complete", "id": {}}',
    '{"type": "unheard of"}',
]


async def test_what_is_no_message_closes_the_socket(graph: Client) -> None:
    """With 4400."""
    for message in NO_MESSAGES:
        async with socket(graph) as opened:
            await opened.begin()
            await opened.wire.send_str(message)

            assert (message, await opened.close_code()) == (message, 4400)


async def test_a_page_of_another_origin_cannot_open_one(
    graph: Client, caplog: pytest.LogCaptureFixture
) -> None:
    """The handshake is a 403, one line in the log and no error; the same origin may."""
    caplog.set_level(logging.INFO, "server")
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        async with socket(graph, Origin="https://evil.example"):
            pass
    async with socket(graph, Origin=graph.origin) as opened:
        assert await opened.begin() == {"type": "connection_ack"}

    assert refused.value.status == 403
    assert [(one.levelname, one.message) for one in caplog.records] == [("INFO", "request refused")]


async def test_the_token_may_come_with_connection_init(serve: Serve) -> None:
    """Browsers send no header: right it works, missing or wrong is 4403; a wrong header is a 401."""
    token = Token.parse(f"anna:read:{sha256(b'secret').hexdigest()}")

    async with serve(tokens=(token,)) as graph:
        async with socket(graph) as opened:
            acknowledged = await opened.begin(Authorization="Bearer secret")
            await opened.ask("1", QUERY, id=TASK)
            sent = await opened.until_complete(["1"])
        async with socket(graph, Authorization="Bearer secret") as opened:
            with_header = await opened.begin()
        codes = []
        for payload in {}, {"authorization": "Bearer wrong"}:
            async with socket(graph) as opened:
                await opened.wire.send_json({"type": "connection_init", "payload": payload})
                codes.append(await opened.close_code())
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            async with socket(graph, Authorization="Bearer wrong"):
                pass

    assert (acknowledged, sent) == ({"type": "connection_ack"}, {"1": [ANSWER]})
    assert (with_header, codes, refused.value.status) == ({"type": "connection_ack"}, [4403, 4403], 401)


async def test_the_callers_key_may_come_with_connection_init(serve: Serve, box: Sandbox) -> None:
    """Where callers bring their own keys."""
    async with serve(passthrough=True) as graph:
        answers = []
        for payload in {"X-PixAI-Key": box.pixai.key}, {}:
            async with socket(graph) as opened:
                await opened.begin(**payload)
                await opened.ask("1", QUERY, id=TASK)
                answers.append((await opened.until_complete(["1"]))["1"][0])

    assert answers[0] == ANSWER
    assert answers[1]["errors"][0]["extensions"]["code"] == "PROVIDER_NOT_CONFIGURED"


async def test_too_many_operations_at_once(graph: Client, box: Sandbox) -> None:
    """The one beyond a hundred is refused by a code, the others go on."""
    box.pixai.fail("*", latency=1)
    names = [str(number) for number in range(101)]

    async with socket(graph) as client:
        await client.begin()
        for name in names:
            await client.ask(name, QUERY, id=TASK)
        sent = await client.until_complete(names)

    [[error]] = sent.pop("100")
    assert error["extensions"]["code"] == "LIMIT_EXCEEDED"
    assert all(answers == [ANSWER] for answers in sent.values())


INIT = {"type": "connection_init"}
BEGIN = {"type": "subscribe", "id": "1", "payload": {"query": "{ __typename }"}}
BREACHES = {
    "an operation before connection_init": ([BEGIN], 4401),
    "connection_init twice": ([INIT, INIT], 4429),
    "connection_init with a payload that is none": ([{**INIT, "payload": 7}], 4400),
}


@pytest.mark.parametrize(("messages", "code"), BREACHES.values(), ids=BREACHES)
async def test_a_breach_of_the_protocol_closes_the_socket(
    graph: Client, messages: list[dict[str, Any]], code: int
) -> None:
    """With the code that the protocol's document gives it; an id in use is 4409 (tests/watch)."""
    async with socket(graph) as opened:
        for message in messages:
            await opened.wire.send_json(message)
        while (await opened.wire.receive()).type is aiohttp.WSMsgType.TEXT:
            pass

    assert opened.wire.close_code == code


async def test_a_write_that_its_client_ends_is_carried_out(graph: Client, box: Sandbox) -> None:
    """It has begun: a repetition with its key has the answer."""
    create = """
    mutation { createTask(input: { pixai: { prompt: "a fox" } }, idempotencyKey: "k") { taskId } }
    """
    box.pixai.fail("POST /graphql", answer_delay=0.2, times=1)
    async with socket(graph) as opened:
        await opened.begin()
        await opened.ask("write", create)
        while not box.pixai.created:  # noqa: ASYNC110 - the sandbox tells nobody
            await asyncio.sleep(0.01)
        await opened.wire.send_json({"type": "complete", "id": "write"})

    repeated = await graph.data(create)

    (key,) = box.pixai.created
    assert repeated == {"createTask": {"taskId": f"task:pixai:{key}"}}
    assert box.pixai.requests == {"POST /graphql": 1}
