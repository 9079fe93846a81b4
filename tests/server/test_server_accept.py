"""Which form an answer has: JSON of either kind, events, or a page, by the weights of `Accept`."""

from __future__ import annotations

from typing import Any

import pytest

from server.negotiation import media_type
from tests.conftest import Client, without_ids

JSON = "application/json"
RESPONSE_JSON = "application/graphql-response+json"
EVENTS = "text/event-stream"
HTML = "text/html"
URQL = f"{RESPONSE_JSON}, application/graphql+json, {JSON}, {EVENTS}, multipart/mixed"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"
QUERY = "{ __typename }"
UPDATES = 'subscription { taskUpdated(id: "task:pixai:1") { taskId } }'


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("", JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        (JSON, JSON),
        ("Application/JSON;charset=utf-8", JSON),
        (RESPONSE_JSON, RESPONSE_JSON),
        (f"{JSON};q=0.9, {RESPONSE_JSON}", RESPONSE_JSON),
        (f"{RESPONSE_JSON};q=0.5, */*", JSON),
        (f"{JSON}, {RESPONSE_JSON}", JSON),
        (URQL, RESPONSE_JSON),
        (EVENTS, EVENTS),
        (f"{EVENTS}, {JSON}", EVENTS),
        (f"{JSON}, {EVENTS}", JSON),
        (f"{JSON};q=0.1, {EVENTS}", EVENTS),
        (f"{EVENTS};q=0, */*", JSON),
        ("text/*", EVENTS),
        (BROWSER, JSON),
    ],
)
async def test_a_query_is_answered_in_the_form_that_the_client_prefers(
    graph: Client, accept: str, kind: str
) -> None:
    """Whoever names events among others does not get them."""
    address = f"{graph.origin}/graphql"
    async with graph.session.post(address, json={"query": QUERY}, headers={"Accept": accept}) as response:
        text = await response.text()

    plain = '{"data":{"__typename":"Query"}}'
    events = f"event: next\ndata: {plain}\n\nevent: complete\ndata: \n\n"
    assert (response.status, response.content_type, text) == (200, kind, events if kind == EVENTS else plain)


@pytest.mark.parametrize("accept", [EVENTS, URQL, f"{JSON}, {EVENTS};q=0.1"])
async def test_a_subscription_is_answered_in_events_where_they_are_named(graph: Client, accept: str) -> None:
    """Also where JSON would be preferred: there is no other way."""
    address = f"{graph.origin}/graphql"
    async with graph.session.post(address, json={"query": UPDATES}, headers={"Accept": accept}) as response:
        text = await response.text()

    assert (response.status, response.content_type) == (200, EVENTS)
    assert text.startswith('event: next\ndata: {"data":{"taskUpdated":{"taskId":"task:pixai:1"}}}\n\n')
    assert "\r" not in text


@pytest.mark.parametrize(
    "accept", ["image/png", f"{JSON};q=0, {RESPONSE_JSON};q=0.0", "text/html", "*/*;q=0"]
)
async def test_what_nobody_can_answer_in_is_a_406(graph: Client, accept: str) -> None:
    """In JSON all the same."""
    address = f"{graph.origin}/graphql"
    async with graph.session.post(address, json={"query": QUERY}, headers={"Accept": accept}) as response:
        answer = without_ids(await response.json(), response.headers["X-Request-Id"])

    assert (response.status, response.content_type, answer) == (
        406,
        JSON,
        {
            "errors": [
                {
                    "message": f"Accept allows none of {JSON}, {RESPONSE_JSON} and {EVENTS}",
                    "extensions": {"code": "BAD_USER_INPUT"},
                }
            ]
        },
    )


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        (BROWSER, HTML),
        (HTML, HTML),
        ("*/*", JSON),
        (f"{JSON}, {HTML}", JSON),
        (f"{JSON};q=0.2, {HTML};q=0.1", JSON),
    ],
)
async def test_a_page_is_for_those_who_prefer_one(graph: Client, accept: str, kind: str) -> None:
    """By name; others get the error of a request without a query."""
    async with graph.session.get(f"{graph.origin}/graphql?q=x", headers={"Accept": accept}) as response:
        assert (response.status, response.content_type) == (200 if kind == HTML else 400, kind)


async def test_graphiql_is_under_a_policy(graph: Client) -> None:
    """No frame around it, no script but those of the page; everything from here only."""
    async with graph.session.get(f"{graph.origin}/graphql?q=x", headers={"Accept": HTML}) as response:
        policy = response.headers["Content-Security-Policy"].split("; ")

    directives: dict[str, list[str]] = {name: rest for name, *rest in (one.split() for one in policy)}
    assert directives["default-src"] == directives["frame-ancestors"] == ["'none'"]
    assert directives["base-uri"] == directives["form-action"] == ["'none'"]
    assert directives["connect-src"] == ["'self'"]
    [nonce] = directives["script-src"]
    assert directives["style-src"] == ["'self'", nonce]
    assert len(nonce) > len("'nonce-'") + 16


PARTIAL = '{ __typename task(id: "nonsense") { id } }'
NO_DATA: list[tuple[Any, int]] = [
    ({"query": "{"}, 400),
    ({"query": "{ nothing }"}, 400),
    ({"query": "query ($id: ID!) { task(id: $id) { id } }"}, 400),
    ({}, 400),
]


async def test_an_error_of_the_request_has_no_data(graph: Client) -> None:
    """In the newer media type; partial data is a 200."""
    address, headers = f"{graph.origin}/graphql", {"Accept": RESPONSE_JSON}
    found = []
    for body, _ in NO_DATA:
        async with graph.session.post(address, json=body, headers=headers) as response:
            found.append((response.status, list(await response.json())))
    async with graph.session.post(address, json={"query": PARTIAL}, headers=headers) as response:
        answer = await response.json()

    assert found == [(status, ["errors"]) for _, status in NO_DATA]
    assert (response.status, answer["data"]) == (200, {"__typename": "Query", "task": None})


async def test_a_compressed_request_is_a_415(graph: Client) -> None:
    """Nothing here unpacks what a stranger packed."""
    headers = {"Content-Encoding": "gzip", "Content-Type": JSON}
    async with graph.session.post(f"{graph.origin}/graphql", data=b"\x1f\x8b", headers=headers) as response:
        assert response.status == 415


def test_a_weight_that_cannot_be_read_is_left_out() -> None:
    """As if that range were not there."""
    offers = (JSON, EVENTS)
    headers = [
        f"{JSON};q=2, {EVENTS}",
        f"{JSON};q=-1",
        ",,;;,",
        f"{JSON};q=0.1234, */*;q=.5",
        f"{EVENTS};Q=1",
    ]

    assert [media_type(accept, offers) for accept in headers] == [EVENTS, JSON, JSON, JSON, EVENTS]
