"""`extensions.plan`: a client asks how its own operation was executed."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from hashlib import sha256
from typing import Any

import aiohttp
import pytest

from engine.limits import Mode
from engine.planned import Engine
from sandbox import Sandbox
from sandbox.pixai import vendor_examples
from tests.conftest import Client, Serve
from tests.server.graphql_requests import PREFLIGHT, error, send
from tests.server.test_server_websocket import socket

JSON = "application/json"
EVENTS = {"Accept": "text/event-stream"}
TASK = f"task:pixai:{vendor_examples.BATCH}"
PICTURES = list(vendor_examples.BATCH_MEDIA)
TWO_WAVES = "query ($id: ID!) { task(id: $id) { status media { width } } }"
DATA = {"task": {"status": "SUCCEEDED", "media": [{"width": 512}] * 4}}
LIMITS = {"fields": 30_000, "calls": 2_500}


def asking(query: str, /, **variables: object) -> dict[str, Any]:
    """A request that asks for its plan."""
    return {"query": query, "variables": variables, "extensions": {"plan": True}}


def plan(fields: int, calls: int, *steps: dict[str, Any], waves: int = 0, fallback: str | None = None) -> Any:
    """The `extensions` of an answer. fields, calls: estimated."""
    estimate = {"fields": fields, "calls": calls, "limits": LIMITS}
    return {"plan": {"fallback": fallback, "estimate": estimate, "waves": waves, "steps": list(steps)}}


def step(wave: int, loads: str, keys: list[str], *fields: str, calls: int | None = 1) -> dict[str, Any]:
    """One that names all of its keys."""
    told = {"wave": wave, "loads": loads, "keys": len(keys), "firstKeys": keys}
    return {**told, "calls": calls, "fields": list(fields)}


PLAN = plan(
    7,
    2,
    step(1, "task PIXAI", [vendor_examples.BATCH], "Query.task"),
    step(2, "media PIXAI", PICTURES, "Media.width"),
    waves=2,
)


@pytest.fixture
async def graph(serve: Serve) -> AsyncIterator[Client]:
    """With plans, whichever engine the other tests run over."""
    async with serve(engine=Engine.PLAN, limit_batch=5) as client:
        yield client


async def events(graph: Client, body: dict[str, Any]) -> list[Any]:
    """What each event of the answer brings."""
    async with graph.session.post(f"{graph.origin}/graphql", json=body, headers=EVENTS) as response:
        lines = (await response.text()).splitlines()
    return [json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: {")]


async def test_a_query_of_two_waves(graph: Client, box: Sandbox) -> None:
    """The task of the variable, then its pictures. Asking for the plan takes no more upstream calls."""
    found = await send(graph, json=asking(TWO_WAVES, id=TASK))

    assert found == (200, JSON, {"data": DATA, "extensions": PLAN})
    assert sum(box.pixai.requests.values()) == 2


async def test_who_does_not_ask_is_not_told(graph: Client) -> None:
    """Only `true` asks."""
    for extensions in None, {}, {"plan": False}, {"plan": "true"}, {"plan": None}, {"plans": True}:
        body = {"query": TWO_WAVES, "variables": {"id": TASK}, "extensions": extensions}

        assert await send(graph, json=body) == (200, JSON, {"data": DATA})


async def test_what_others_have_loaded_does_not_show(graph: Client, box: Sandbox) -> None:
    """What is in the cache is in the plan as if it were not: nobody learns what others have asked for."""
    await send(graph, json={"query": TWO_WAVES, "variables": {"id": TASK}})
    before = sum(box.pixai.requests.values())

    found = await send(graph, json=asking(TWO_WAVES, id=TASK))

    assert found == (200, JSON, {"data": DATA, "extensions": PLAN})
    assert sum(box.pixai.requests.values()) == before


async def test_many_keys_are_counted_and_ten_are_named(graph: Client) -> None:
    """Of thousands, too."""
    query = "query ($ids: [ID!]!) { mediaById(ids: $ids) { id } }"
    keys = [str(number) for number in range(1_000)]

    found = await send(graph, json=asking(query, ids=[f"pixai:{key}" for key in keys]))

    whole = step(1, "media PIXAI", keys, "Query.mediaById", calls=40)
    expected = plan(1_001, 40, {**whole, "firstKeys": keys[:10]}, waves=1)
    assert found == (200, JSON, {"data": {"mediaById": [None] * 1_000}, "extensions": expected})


async def test_a_page(graph: Client) -> None:
    """A list call to each source at least; how many a filter takes is not known."""
    page = {"wave": 1, "loads": "Query.tasks", "keys": None, "firstKeys": [], "fields": ["Query.tasks"]}

    plain = await send(graph, json=asking("{ tasks(first: 1) { totalCount } }"))
    some = await send(graph, json=asking("{ tasks(first: 1, filter: {statuses: FAILED}) { totalCount } }"))

    answer = {"data": {"tasks": {"totalCount": None}}}
    assert plain == (200, JSON, {**answer, "extensions": plan(201, 3, {**page, "calls": 3}, waves=1)})
    assert some == (200, JSON, {**answer, "extensions": plan(201, 15, {**page, "calls": None}, waves=1)})


FALLBACKS: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "a mutation": (
        f'mutation {{ deleteTask(id: "{TASK}") {{ deletedId }} }}',
        {"deleteTask": {"deletedId": TASK}},
        plan(2, 1, fallback="only queries have plans"),
    ),
    "introspection": (
        "{ __schema { queryType { name } } }",
        {"__schema": {"queryType": {"name": "Query"}}},
        plan(0, 0, fallback="introspection"),
    ),
}


@pytest.mark.parametrize("name", FALLBACKS)
async def test_what_falls_back_says_why(graph: Client, name: str) -> None:
    """It is answered, and its cost is estimated all the same."""
    query, data, extensions = FALLBACKS[name]

    assert await send(graph, json=asking(query)) == (200, JSON, {"data": data, "extensions": extensions})


async def test_plans_may_be_switched_off(serve: Serve) -> None:
    """Then nothing has one."""
    async with serve(engine=Engine.STRAWBERRY) as graph:
        found = await send(graph, json=asking(TWO_WAVES, id=TASK))

    expected = plan(7, 2, fallback="plans are switched off (TRIPTYCH_ENGINE)")
    assert found == (200, JSON, {"data": DATA, "extensions": expected})


async def test_limits_may_be_off(serve: Serve) -> None:
    """Then nothing is estimated."""
    async with serve(engine=Engine.PLAN, limits=Mode.OFF) as graph:
        found = await send(graph, json=asking(TWO_WAVES, id=TASK))

    assert found == (200, JSON, {"data": DATA, "extensions": {"plan": {**PLAN["plan"], "estimate": None}}})


def located(answer: dict[str, Any], column: int) -> dict[str, Any]:
    """The same answer, its error in the first line of the document."""
    [wrong] = answer["errors"]
    return {"errors": [{**wrong, "locations": [{"line": 1, "column": column}]}]}


MISSING = error("Variable '$id' has invalid value: Expected a value of non-null type 'ID!' to be provided.")
REFUSED: dict[str, tuple[dict[str, Any], int, Any]] = {
    "a wrong request": (
        {"query": "{ __typename }", "extensions": ["plan"]},
        400,
        error("extensions must be an object or null"),
    ),
    "no query": ({"extensions": {"plan": True}}, 400, error("The request has no query")),
    "a wrong document": (
        asking("{ nothing }"),
        200,
        located(error("Cannot query field 'nothing' on type 'Query'.", "GRAPHQL_VALIDATION_FAILED"), 3),
    ),
    "too many fields": (
        asking("query ($ids: [ID!]!) { mediaById(ids: $ids) { id url provider } }", ids=["pixai:1"] * 10_000),
        200,
        error(
            "The operation has 30,001 fields to show: at most 30,000 (TRIPTYCH_LIMIT_FIELDS)",
            "LIMIT_EXCEEDED",
        ),
    ),
    "a variable that is missing": (
        asking("query ($id: ID!) { media(id: $id) { id } }"),
        200,
        located(MISSING, 8),
    ),
    "a variable of a mutation": (
        asking("mutation ($id: ID!) { deleteTask(id: $id) { deletedId } }"),
        200,
        located(MISSING, 11),
    ),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_what_is_refused_has_no_plan(graph: Client, name: str) -> None:
    """Its errors say why, and nothing was executed."""
    body, status, answer = REFUSED[name]

    assert await send(graph, json=body) == (status, JSON, answer)


async def test_fields_that_fail_are_in_the_plan(graph: Client) -> None:
    """What is no id is loaded by nobody."""
    found = await send(graph, json=asking('{ media(id: "?") { id } }'))

    told = {
        "message": "Invalid id '?': expected media:<pixai|meshy|midjourney>:<key>",
        "locations": [{"line": 1, "column": 3}],
        "path": ["media"],
        "extensions": {"code": "INVALID_ID"},
    }
    assert found == (200, JSON, {"data": {"media": None}, "errors": [told], "extensions": plan(2, 0)})


async def test_each_operation_of_a_batch_asks_for_itself(graph: Client) -> None:
    """Its plan is its own, also where it shares look-ups with the others."""
    silent = {"query": TWO_WAVES, "variables": {"id": TASK}}

    found = await send(graph, json=[asking(TWO_WAVES, id=TASK), silent, asking(TWO_WAVES, id=TASK)])

    told = {"data": DATA, "extensions": PLAN}
    assert found == (200, JSON, [told, {"data": DATA}, told])


async def test_every_way_over_http_takes_it(graph: Client) -> None:
    """A URL, a form, an event; and a document that is named by its hash, beside the cost."""
    body = asking(TWO_WAVES, id=TASK)
    in_url = {name: value if name == "query" else json.dumps(value) for name, value in body.items()}
    form = {"operations": json.dumps(body), "map": "{}"}
    hashed = {"version": 1, "sha256Hash": sha256(TWO_WAVES.encode()).hexdigest()}
    named = {**body, "extensions": {"plan": True, "cost": True, "persistedQuery": hashed}}

    by_get = await send(graph, "GET", params=in_url)
    by_form = await send(graph, data=_multipart(form), headers=PREFLIGHT)
    registered = await send(graph, json=named)
    by_hash = await send(graph, json={name: value for name, value in named.items() if name != "query"})

    answer = {"data": DATA, "extensions": PLAN}
    assert by_get == by_form == (200, JSON, answer)
    assert registered == by_hash
    assert list(by_hash[2]["extensions"]) == ["cost", "plan"]
    assert by_hash[2]["extensions"]["plan"] == PLAN["plan"]
    assert await events(graph, body) == [answer]


async def test_a_subscription_has_no_plan(graph: Client) -> None:
    """Each of its events says so."""
    body = asking(f'subscription {{ taskUpdated(id: "{TASK}") {{ taskId }} }}')

    expected = plan(2, 1, fallback="only queries have plans")
    assert await events(graph, body) == [{"data": {"taskUpdated": {"taskId": TASK}}, "extensions": expected}]


async def test_a_websocket_tells_none(graph: Client) -> None:
    """The operation is answered."""
    async with socket(graph) as opened:
        await opened.begin()
        payload = asking(TWO_WAVES, id=TASK)
        await opened.wire.send_json({"type": "subscribe", "id": "1", "payload": payload})
        told = await opened.until_complete(["1"])

    assert told == {"1": [{"data": DATA}]}


async def test_a_hidden_schema_is_not_told_by_a_plan(serve: Serve) -> None:
    """Which names fields behind aliases of documents that a client may know by their hash only."""
    query = '{ a: media(id: "pixai:0") { b: url } }'
    async with serve(engine=Engine.PLAN, introspection=False) as graph:
        silent = await send(graph, json=asking(query))
        costing = await send(graph, json={"query": query, "extensions": {"plan": True, "cost": True}})

    assert silent == (200, JSON, {"data": {"a": None}})
    assert list(costing[2]["extensions"]) == ["cost"]


def _multipart(fields: dict[str, str]) -> Any:
    form = aiohttp.FormData(default_to_multipart=True)
    for name, value in fields.items():
        form.add_field(name, value)
    return form
