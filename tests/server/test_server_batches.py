"""Array batching: several operations in one request, where a setting allows it."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox import Sandbox
from sandbox.pixai import vendor_examples
from tests.conftest import Serve
from tests.server.graphql_requests import NO_BATCHES, PROVIDERS, QUERY, error, send

TASK = f"task:pixai:{vendor_examples.SINGLE}"
NEWER = "application/graphql-response+json, application/json;q=0.9"


def asking(text: str, **variables: object) -> dict[str, Any]:
    return {"query": text, "variables": variables}


async def test_batches_are_off_by_default(serve: Serve) -> None:
    """And the answer says which setting allows them."""
    async with serve() as graph:
        assert await send(graph, json=[asking(QUERY)]) == (400, "application/json", error(NO_BATCHES))


async def test_each_operation_has_an_answer_of_its_own(serve: Serve) -> None:
    """In their order; a wrong one costs nobody else's. The newer media type knows no batches: plain JSON."""
    operations = [
        asking(QUERY),
        asking("{ nothing }"),
        asking("query ($id: ID!) { task(id: $id) { id } }", id=TASK),
        asking("query ($id: ID!) { task(id: $id) { id } }"),
        asking('subscription { taskUpdated(id: "task:pixai:1") { taskId } }'),
        {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "0" * 64}}},
        {"query": QUERY, "operationName": "Gone"},
        {},
    ]
    async with serve(limit_batch=10) as graph:
        status, kind, answers = await send(graph, json=operations, headers={"Accept": NEWER})

    assert (status, kind) == (200, "application/json")
    assert answers[0] == PROVIDERS
    assert answers[2] == {"data": {"task": {"id": TASK}}}
    refused = [answers[number] for number in (1, 3, 4, 5, 6, 7)]
    assert [list(answer) for answer in refused] == [["errors"]] * 6
    assert [answer["errors"][0]["extensions"]["code"] for answer in refused] == [
        "GRAPHQL_VALIDATION_FAILED",
        "BAD_USER_INPUT",
        "BAD_USER_INPUT",
        "PERSISTED_QUERY_NOT_FOUND",
        "BAD_USER_INPUT",
        "BAD_USER_INPUT",
    ]


WRONG: list[tuple[Any, str]] = [
    ([], "The batch has 0 operations: expected 1 to 3 (TRIPTYCH_LIMIT_BATCH)"),
    ([asking(QUERY)] * 4, "The batch has 4 operations: expected 1 to 3 (TRIPTYCH_LIMIT_BATCH)"),
    ([asking(QUERY), 7], "Expected an array of JSON objects with a query each"),
    ([asking(QUERY), {"query": 7}], "query must be a string or null"),
]


@pytest.mark.parametrize(("body", "message"), WRONG)
async def test_a_wrong_batch_is_refused_whole(serve: Serve, body: Any, message: str) -> None:
    """Before any of it is executed."""
    async with serve(limit_batch=3) as graph:
        assert await send(graph, json=body) == (400, "application/json", error(message))


async def test_the_operations_of_a_batch_share_their_look_ups(serve: Serve, box: Sandbox) -> None:
    """Ten operations for the same picture and its neighbour: one upstream call."""
    query = "query ($id: ID!) { media(id: $id) { url } }"
    ids = [f"media:pixai:{id_}" for id_ in vendor_examples.BATCH_MEDIA[:2]]
    operations = [asking(query, id=ids[number % 2]) for number in range(10)]
    async with serve(limit_batch=10) as graph:
        _, _, answers = await send(graph, json=operations)

    assert all(answer["data"]["media"]["url"] for answer in answers)
    assert box.pixai.requests["POST /graphql"] == 1


async def test_the_operations_of_a_batch_share_the_limits_of_one(serve: Serve, box: Sandbox) -> None:
    """What is too much with those before it is refused; what was admitted is answered."""
    query = "query ($ids: [ID!]!) { tasksById(ids: $ids) { id status } }"
    ids = [f"task:pixai:{number}" for number in range(100)]
    operations = [asking(query, ids=ids)] * 3
    async with serve(limit_batch=3, limit_fields=500) as graph:
        _, _, answers = await send(graph, json=operations)
        by_itself = await graph.ask(query, ids=ids)

    assert [list(answer) for answer in answers] == [["data"], ["data"], ["errors"]]
    assert answers[0] == answers[1] == by_itself
    [refusal] = answers[2]["errors"]
    assert refusal["extensions"]["code"] == "LIMIT_EXCEEDED"
    assert "with those before it in its batch: at most 500 (TRIPTYCH_LIMIT_FIELDS)" in refusal["message"]


async def test_what_a_batch_shows_is_counted_together(serve: Serve) -> None:
    """The answers of a batch are no larger than one answer may be."""
    query = "query ($ids: [ID!]!) { tasksById(ids: $ids) { prompt id createdAt } }"
    ids = [TASK] * 300
    async with serve(limit_batch=8, limit_bytes=300_000) as graph:
        _, _, answers = await send(graph, json=[asking(query, ids=ids)] * 8)

    codes = [answer["errors"][0]["extensions"]["code"] for answer in answers if "errors" in answer]
    assert 0 < len(codes) < 8
    assert set(codes) == {"LIMIT_EXCEEDED"}
