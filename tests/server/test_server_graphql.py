"""`/graphql` over HTTP: what is answered to requests good and bad."""

from __future__ import annotations

import json
from typing import Any

import pytest

from server.graphql.body import JSON
from tests.conftest import Client, without_ids
from tests.server.graphql_requests import PROVIDERS, QUERY, WRONG_BODIES, error, send


@pytest.mark.parametrize(
    ("method", "how"),
    [
        ("POST", {"json": {"query": QUERY}}),
        (
            "POST",
            {
                "data": json.dumps({"query": QUERY}),
                "headers": {"content-type": "Application/JSON; charset=utf-8"},
            },
        ),
        ("POST", {"json": {"query": QUERY, "variables": None, "operationName": None, "extensions": {}}}),
        ("GET", {"params": {"query": QUERY}}),
        ("GET", {"params": {"query": QUERY, "variables": "{}"}, "headers": {"accept": "*/*"}}),
    ],
)
async def test_a_query_is_answered(graph: Client, method: str, how: dict[str, Any]) -> None:
    """By POST and by GET, as different clients write them."""
    async with graph.session.request(method, f"{graph.origin}/graphql", **how) as response:
        assert (response.status, response.content_type, await response.json()) == (
            200,
            "application/json",
            PROVIDERS,
        )


@pytest.mark.parametrize("body", [{"query": QUERY}, {"query": "{ providers { provider } } # \ufeff"}])
async def test_a_byte_order_mark_is_no_part_of_the_query(graph: Client, body: dict[str, str]) -> None:
    """Some editors and shells put one in front of what they save as UTF-8."""
    data = b"\xef\xbb\xbf" + json.dumps(body, ensure_ascii=False).encode()

    answer = await send(graph, data=data, headers={"content-type": JSON})

    assert answer == (200, JSON, PROVIDERS)


async def test_a_wrong_body_is_told_in_the_graphs_own_form(graph: Client) -> None:
    """JSON with a code, never text and never a 500."""
    headers = {"content-type": "application/json"}

    answers = [(body, await send(graph, data=body, headers=headers)) for body, _, _ in WRONG_BODIES]

    assert answers == [
        (body, (status, "application/json", error(message))) for body, status, message in WRONG_BODIES
    ]


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "application/graphql"])
async def test_another_content_type_is_refused(graph: Client, kind: str) -> None:
    """Simple requests, which a page of any site may send, among them."""
    answer = await send(graph, data=json.dumps({"query": QUERY}).encode(), headers={"content-type": kind})

    assert answer == (
        415,
        "application/json",
        error("Expected Content-Type application/json, or multipart/form-data for uploads"),
    )


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("query ($id: ID!) { task(id: $id) { id } }", "BAD_USER_INPUT"),
    ],
)
@pytest.mark.parametrize(
    ("accept", "status"),
    [("application/json", 200), ("application/graphql-response+json, */*", 400)],
)
async def test_a_wrong_document_has_a_code(
    graph: Client, document: str, code: str, accept: str, status: int
) -> None:
    """With the status that belongs to the media type which the client takes; without data in either."""
    found, kind, answer = await send(graph, json={"query": document}, headers={"accept": accept})

    assert (found, kind, list(answer)) == (status, accept.partition(",")[0], ["errors"])
    assert [one["extensions"] for one in answer["errors"]] == [{"code": code}]


async def test_the_newer_media_type_comes_back(graph: Client) -> None:
    """With data it is a 200; a refused request has it too."""
    headers = {"accept": "application/graphql-response+json"}

    answered = await send(graph, json={"query": QUERY}, headers=headers)
    refused = await send(graph, json=[], headers=headers)

    assert answered == (200, "application/graphql-response+json", PROVIDERS)
    assert refused[:2] == (400, "application/graphql-response+json")


async def test_get_takes_queries_only(graph: Client) -> None:
    """A mutation by GET is a 405 that says what is allowed."""
    mutation = 'mutation { deleteTask(id: "task:pixai:1") { __typename } }'

    async with graph.session.get(f"{graph.origin}/graphql", params={"query": mutation}) as response:
        answer = without_ids(await response.json(), response.headers["X-Request-Id"])
        assert (response.status, response.headers["Allow"], answer) == (
            405,
            "GET, POST, OPTIONS",
            error("mutations are not allowed when using GET"),
        )


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({}, "The request has no query"),
        ({"query": QUERY, "variables": "{"}, "The request is not valid JSON"),
        ({"query": QUERY, "variables": "[]"}, "Expected a JSON object with a query"),
        ({"query": QUERY, "extensions": "7"}, "Expected a JSON object with a query"),
    ],
)
async def test_a_wrong_get_is_told_as_well(graph: Client, params: dict[str, str], message: str) -> None:
    """Without Accept, as curl sends it, there is no GraphiQL but an answer."""
    async with graph.session.get(f"{graph.origin}/graphql", params=params) as response:
        body = without_ids(await response.json(), response.headers["X-Request-Id"])
        answer = response.status, response.content_type, body

    assert answer == (400, "application/json", error(message))
