"""Writes that fail, and what they were given: never sent twice, never lost, always named."""

from __future__ import annotations

import asyncio
import json
from hashlib import sha256
from typing import Any

import pytest

from sandbox import Sandbox
from server.setting_text import tokens
from tests.conftest import Client, Serve
from tests.graph.test_graph_writes import CREATE, DELETE, MESHY, PIXAI

POSTS = {"pixai": "POST /graphql", "meshy": "POST /openapi/v1/image-to-image"}
INPUTS = {"pixai": PIXAI, "meshy": MESHY}
SOURCES = pytest.mark.parametrize("source", POSTS)
JUST_ID = """
mutation ($input: CreateTaskInput!, $key: String) {
  createTask(input: $input, idempotencyKey: $key) { taskId }
}
"""


def codes(answer: dict[str, Any]) -> list[tuple[list[str | int], str]]:
    """Path and code of each error."""
    return [(error["path"], error["extensions"]["code"]) for error in answer.get("errors", ())]


UNKNOWN = [(["createTask"], "OUTCOME_UNKNOWN")]


@SOURCES
@pytest.mark.parametrize("key", [None, "k"])
@pytest.mark.parametrize(
    ("fault", "created"),
    [
        ({"answer_lost": True}, 1),
        ({"reset": True}, 0),
        ({"truncated": True}, 1),
        ({"status": 502}, 0),
        ({"html": True}, 0),
    ],
    ids=["answer lost", "reset", "truncated", "502", "page"],
)
async def test_what_may_have_been_done_is_not_sent_again(
    graph: Client, box: Sandbox, source: str, key: str | None, fault: dict[str, Any], created: int
) -> None:
    """By no library, and under a key by no repetition either."""
    upstream = getattr(box, source)
    upstream.fail(POSTS[source], times=1, **fault)

    first = await graph.ask(JUST_ID, input=INPUTS[source], key=key)

    assert (first["data"], codes(first)) == ({"createTask": None}, UNKNOWN)
    assert first["errors"][0]["extensions"]["retryable"] is False
    assert (len(upstream.created), upstream.requests[POSTS[source]]) == (created, 1)
    if key is not None:
        assert codes(await graph.ask(JUST_ID, input=INPUTS[source], key=key)) == UNKNOWN
        assert (len(upstream.created), upstream.requests[POSTS[source]]) == (created, 1)


@SOURCES
@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ({"status": 400}, "UPSTREAM_REJECTED"),
        ({"status": 401}, "UPSTREAM_REFUSED"),
        ({"status": 402}, "UPSTREAM_OUT_OF_CREDIT"),
        ({"status": 422}, "UPSTREAM_REJECTED"),
        ({"status": 429}, "UPSTREAM_THROTTLED"),
    ],
)
async def test_a_refusal_releases_its_key(
    graph: Client, box: Sandbox, source: str, fault: dict[str, Any], code: str
) -> None:
    """The same key may be used again, with the same input or another."""
    upstream = getattr(box, source)
    upstream.fail(POSTS[source], times=1, **fault)

    refused = await graph.ask(JUST_ID, input=INPUTS[source], key="k")
    made = await graph.data(JUST_ID, input=INPUTS[source], key="k")

    assert codes(refused) == [(["createTask"], code)]
    assert made["createTask"]["taskId"].endswith(upstream.created[0])
    assert (len(upstream.created), upstream.requests[POSTS[source]]) == (1, 2)


async def test_an_account_without_credit(graph: Client, box: Sandbox) -> None:
    """Each source's own way to say so."""
    box.pixai.quota = 10
    box.meshy.world.balance = 0

    answers = [await graph.ask(JUST_ID, input=INPUTS[source], key="k") for source in POSTS]

    assert [codes(answer) for answer in answers] == [[(["createTask"], "UPSTREAM_OUT_OF_CREDIT")]] * 2
    assert [error["message"] for answer in answers for error in answer["errors"]] == [
        "PixAI has no credit left for this key",
        "Meshy has no credit left for this key (HTTP 402)",
    ]


async def test_more_tasks_than_pixai_runs_at_once(graph: Client, box: Sandbox) -> None:
    """It asks for fewer, and may be asked again."""
    box.pixai.max_concurrent = 0

    assert codes(await graph.ask(JUST_ID, input=PIXAI, key="k")) == [(["createTask"], "UPSTREAM_THROTTLED")]
    box.pixai.max_concurrent = 1
    assert "errors" not in await graph.ask(JUST_ID, input=PIXAI, key="k")


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (200, "BAD_USER_INPUT", "UPSTREAM_REJECTED"),
        (200, "FORBIDDEN", "UPSTREAM_REFUSED"),
        (200, "INTERNAL_SERVER_ERROR", "OUTCOME_UNKNOWN"),
        (400, "INTERNAL_SERVER_ERROR", "UPSTREAM_REJECTED"),
        (200, "RATE_LIMITED", "UPSTREAM_THROTTLED"),
    ],
)
async def test_errors_in_graphql_are_refusals_where_their_code_says_so(
    graph: Client, box: Sandbox, status: int, code: str, expected: str
) -> None:
    """Or the status: whatever else PixAI says, it may have been done."""
    box.pixai.fail("POST /graphql", document_error=True, status=status, code=code, times=1)

    assert codes(await graph.ask(JUST_ID, input=PIXAI)) == [(["createTask"], expected)]


@SOURCES
async def test_the_id_is_there_where_the_read_that_follows_fails(
    graph: Client, box: Sandbox, source: str
) -> None:
    """What was paid for is never lost; the failure stands on `task`."""
    read = {"pixai": "POST /graphql", "meshy": "GET /openapi/v1/image-to-image/{id}"}[source]
    upstream = getattr(box, source)
    upstream.fail(read, status=403, match="taskBatch" if source == "pixai" else None)

    answer = await graph.ask(CREATE, input=INPUTS[source])

    assert answer["data"]["createTask"]["taskId"].endswith(upstream.created[0])
    assert answer["data"]["createTask"]["task"] is None
    assert codes(answer) == [(["createTask", "task"], "UPSTREAM_REFUSED")]


@SOURCES
async def test_a_hundred_requests_with_one_key_make_one_task(
    graph: Client, box: Sandbox, source: str
) -> None:
    """All at once, while the source takes its time; each has the same answer."""
    upstream = getattr(box, source)
    upstream.fail(POSTS[source], answer_delay=0.1)

    answers = await asyncio.gather(*(graph.ask(JUST_ID, input=INPUTS[source], key="k") for _ in range(100)))

    (key,) = upstream.created
    assert {answer["data"]["createTask"]["taskId"].rpartition(":")[2] for answer in answers} == {key}
    assert codes(await graph.ask(JUST_ID, input={"pixai": {"prompt": "b"}}, key="k")) == (
        [(["createTask"], "IDEMPOTENCY_CONFLICT")] if source == "pixai" else []
    )


async def test_no_deadline_ends_a_write(serve: Serve, box: Sandbox) -> None:
    """The id comes late, and the read that follows has no time left; nothing more is begun."""
    box.pixai.fail("POST /graphql", answer_delay=0.4, times=1)
    query = """
    mutation ($input: CreateTaskInput!) {
      a: createTask(input: $input) { taskId task { id } }
      b: createTask(input: $input) { taskId }
    }
    """

    async with serve(deadline=0.2) as graph:
        answer = await graph.ask(query, input=PIXAI)

    (key,) = box.pixai.created
    assert answer["data"] == {"a": {"taskId": f"task:pixai:{key}", "task": None}, "b": None}
    assert sorted(codes(answer)) == [(["a", "task"], "UPSTREAM_TIMEOUT"), (["b"], "UPSTREAM_TIMEOUT")]


async def test_a_source_has_its_time_for_a_write(serve: Serve, box: Sandbox) -> None:
    """Then nobody knows, though it is done."""
    box.meshy.fail(POSTS["meshy"], answer_delay=30)

    async with serve(write_seconds=1) as graph:
        assert codes(await graph.ask(JUST_ID, input=MESHY, key="k")) == UNKNOWN
        assert codes(await graph.ask(JUST_ID, input=MESHY, key="k")) == UNKNOWN

    assert len(box.meshy.created) == 1


@pytest.mark.parametrize("abruptly", [False, True])
async def test_a_client_that_leaves_ends_no_write(graph: Client, box: Sandbox, abruptly: bool) -> None:
    """Whoever asks with its key afterwards has the answer."""
    box.pixai.fail("POST /graphql", answer_delay=0.3, times=1)
    body = json.dumps({"query": JUST_ID, "variables": {"input": PIXAI, "key": "k"}})
    head = (
        "POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    _, writer = await asyncio.open_connection("127.0.0.1", int(graph.origin.rpartition(":")[2]))
    writer.write((head + body).encode())
    while not box.pixai.created:  # noqa: ASYNC110 - the sandbox tells nobody
        await asyncio.sleep(0.01)

    writer.transport.abort() if abruptly else writer.close()
    await asyncio.sleep(0.1)
    repeated = await graph.data(JUST_ID, input=PIXAI, key="k")

    (key,) = box.pixai.created
    assert repeated == {"createTask": {"taskId": f"task:pixai:{key}"}}
    assert box.pixai.requests == {"POST /graphql": 1}


async def test_a_budget_refuses_before_anything_is_sent(serve: Serve, box: Sandbox) -> None:
    """Each write is a call."""
    async with serve(limit_calls=1) as graph:
        both = await graph.ask(
            "mutation ($i: CreateTaskInput!) { a: createTask(input: $i) { taskId } b: createTask(input: $i) "
            "{ taskId } }",
            i=PIXAI,
        )

    assert [error["extensions"]["code"] for error in both["errors"]] == ["LIMIT_EXCEEDED"]
    assert box.pixai.created == []


async def test_ids_are_shown_whatever_the_answer_costs(serve: Serve, box: Sandbox) -> None:
    """A limit that is reached while it is put together costs everything but them."""
    query = """
    mutation ($i: CreateTaskInput!) {
      a: createTask(input: $i) { taskId task { raw } }
      b: createTask(input: $i) { taskId task { prompt } }
    }
    """

    async with serve(limit_bytes=50) as graph:
        answer = await graph.ask(query, i=PIXAI)

    first, second = (f"task:pixai:{key}" for key in box.pixai.created)
    assert answer["data"] == {
        "a": {"taskId": first, "task": {"raw": None}},
        "b": {"taskId": second, "task": None},
    }
    assert codes(answer) == [(["a", "task", "raw"], "LIMIT_EXCEEDED"), (["b", "task"], "LIMIT_EXCEEDED")]


TOKENS = " ".join(
    f"{name}:{role}:{sha256(name.encode()).hexdigest()}"
    for name, role in (("anna", "write"), ("ben", "write"), ("cleo", "read"))
)


async def test_keys_belong_to_callers(box: Sandbox, serve: Serve) -> None:
    """The same key of two callers stands for two tasks; who may only read makes none."""
    async with serve(tokens=tokens(TOKENS)) as graph:
        for name in ("anna", "ben", "anna", "cleo"):
            graph.session.headers["Authorization"] = f"Bearer {name}"
            answer = await graph.ask(JUST_ID, input=PIXAI, key="k")

    assert codes(answer) == [(["createTask"], "FORBIDDEN")]
    assert answer["errors"][0]["message"] == "createTask requires the write role"
    assert len(box.pixai.created) == 2


async def test_what_is_not_there_cannot_be_changed(graph: Client, box: Sandbox) -> None:
    """The source says no, or would."""
    cancel = 'mutation { cancelTask(id: "pixai:1") { taskId } }'
    rerun = 'mutation { rerunTask(id: "pixai:1") { taskId } }'

    answers = [
        await graph.ask(cancel),
        await graph.ask(rerun),
        await graph.ask(DELETE, id="meshy:018a"),
        await graph.ask(DELETE, id="meshy:text-to-3d:018a"),
        await graph.ask(DELETE, id="meshy:../balance"),
        await graph.ask('mutation { cancelTask(id: "meshy:018a") { taskId } }'),
        await graph.ask('mutation { performAction(taskId: "pixai:1", actionId: "U1") { taskId } }'),
    ]

    assert [
        (error["message"], error["extensions"]["code"]) for one in answers for error in one["errors"]
    ] == [
        ("PixAI has no such task", "UPSTREAM_REJECTED"),
        ("PixAI has no such task", "UPSTREAM_REJECTED"),
        ("Meshy has no such task", "UPSTREAM_REJECTED"),
        ("Invalid Meshy key: expected <image-to-image|text-to-image>:<id>", "INVALID_ID"),
        ("Meshy has no such task", "UPSTREAM_REJECTED"),
        ("cancelTask is not supported for Meshy", "NOT_SUPPORTED"),
        ("performAction is not supported for PixAI", "NOT_SUPPORTED"),
    ]
    assert box.meshy.requests == {"DELETE /openapi/v1/image-to-image/{id}": 1}
