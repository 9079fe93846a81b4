"""`TRIPTYCH_INTROSPECTION=0`: what would tell the schema is refused; and no name is echoed at length."""

from __future__ import annotations

import json
from typing import Any

import pytest

from engine.planned import Engine
from server.graphql.body import JSON
from tests.conftest import Client, Serve
from tests.server.graphql_requests import PROVIDERS, QUERY, send

VALIDATION = "GRAPHQL_VALIDATION_FAILED"
TELLING = [
    ("{ __schema { types { name } } }", "__schema"),
    ('{ a: __type(name: "Task") { name } }', "__type"),
    ("{ _service { sdl } }", "_service"),
    ("query { ...F } fragment F on Query { __schema { queryType { name } } }", "__schema"),
]


@pytest.mark.parametrize(("text", "field"), TELLING)
async def test_the_schema_is_not_told(serve: Serve, text: str, field: str) -> None:
    """In one error; entities are still resolved, and type names told."""
    entities = "{ _entities(representations: []) { __typename } ...F } fragment F on Query { __typename }"
    async with serve(introspection=False) as graph:
        _, _, answer = await send(graph, json={"query": text})
        by_get = await send(graph, "GET", params={"query": text})
        others = await graph.data(entities)

    [error] = answer["errors"]
    assert error["message"] == f"Introspection is switched off on this server: {field}"
    assert error["extensions"] == {"code": VALIDATION}
    assert by_get[2] == answer
    assert others == {"_entities": [], "__typename": "Query"}


GUESSED: list[tuple[str, dict[str, Any]]] = [
    ("{ tsak { id } }", {}),
    ("{ providers { provder } }", {}),
    ('{ task(ids: "x") { id } }', {}),
    ("{ tasks(filter: { statuses: [SUCEEDED] }) { nodes { id } } }", {}),
    ("{ tasks(filter: { status: SUCCEEDED }) { nodes { id } } }", {}),
    ('{ node(id: "x") { ... on Tsak { id } } }', {}),
    ("query ($s: [TaskStatus!]) { tasks(filter: { statuses: $s }) { nodes { id } } }", {"s": ["SUCEEDED"]}),
    ("query ($f: TaskFilter) { tasks(filter: $f) { nodes { id } } }", {"f": {"statusses": ["FAILED"]}}),
    ("query ($f: TaskFiltr) { tasks(filter: $f) { nodes { id } } }", {}),
    ("{ providers @skp(if: true) { provider } }", {}),
]


@pytest.mark.parametrize("engine", Engine)
async def test_no_name_is_suggested(serve: Serve, engine: Engine) -> None:
    """By validation or by the coercion of variables; where introspection is on, names are."""
    texts = {}
    for introspection in True, False:
        async with serve(introspection=introspection, engine=engine) as graph:
            texts[introspection] = [
                json.dumps((await send(graph, json={"query": text, "variables": variables}))[2])
                for text, variables in GUESSED
            ]

    assert all('"errors"' in text for text in texts[False])
    assert [text for text in texts[False] if "Did you mean" in text] == []
    assert sum("Did you mean" in text for text in texts[True]) >= len(GUESSED) - 1


async def test_graphiql_goes_with_it(serve: Serve) -> None:
    """A browser is told that the request has no query; the page of pictures stays."""
    browser = {"Accept": "text/html,*/*;q=0.8"}
    async with serve(introspection=False) as graph:
        status, kind, answer = await send(graph, "GET", "/graphql?q=x", headers=browser)
        file, _, _ = await send(graph, "GET", "/graphiql/graphiql.js")
        async with graph.session.get(graph.origin) as page:
            assert page.status == 200

    assert (status, kind, answer["errors"][0]["message"]) == (400, JSON, "The request has no query")
    assert file == 404


LONG = "n" * 1_000_000
ENDLESS: list[dict[str, Any]] = [
    {"query": f"{{ {LONG} }}"},
    {"query": f"{{ {LONG}: providers {{ provider }} }}"},
    {"query": f"query {LONG} {{ providers {{ provider }} }} {{"},
    {"query": f"{{ providers @{LONG} {{ provider }} }}"},
    {"query": f"query (${LONG}: Int) {{ providers {{ provider }} }}"},
    {"query": f'{{ task(id: "x", {LONG}: 1) {{ id }} }}'},
    {"query": f"{{ ...{LONG} }}"},
    {"query": f"{{ tasks(filter: {{ statuses: [{LONG}] }}) {{ nodes {{ id }} }} }}"},
    {"query": f'{{ task(id: "{LONG}") {{ id }} }}'},
    {"query": "query A { __typename }", "operationName": LONG},
    {"query": QUERY, "documentId": LONG},
    {"documentId": LONG},
    {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": LONG}}},
    {"extensions": {"persistedQuery": {"version": LONG, "sha256Hash": "a"}}},
    {"query": "query ($id: ID!) { task(id: $id) { id } }", "variables": {"id": LONG}},
    {"query": "query ($id: Int!) { tasks(first: $id) { nodes { id } } }", "variables": {"id": LONG}},
    {
        "query": "query ($f: TaskFilter) { tasks(filter: $f) { nodes { id } } }",
        "variables": {"f": {LONG: 1}},
    },
]


@pytest.mark.parametrize("introspection", [True, False])
async def test_a_name_of_a_megabyte_is_answered_in_a_few_bytes(serve: Serve, introspection: bool) -> None:
    """Wherever it stands; the server goes on."""
    sizes = []
    async with serve(introspection=introspection) as graph:
        for body in ENDLESS:
            async with graph.session.post(f"{graph.origin}/graphql", json=body) as response:
                sizes.append(len(await response.read()))
        assert await graph.ask(QUERY) == PROVIDERS

    assert max(sizes) < 1_000, sizes


async def test_a_name_of_a_megabyte_in_a_socket_is_answered_in_a_few_bytes(graph: Client) -> None:
    """The frame just fits."""
    address = graph.origin.replace("http", "ws", 1) + "/graphql"
    async with graph.session.ws_connect(address, protocols=["graphql-transport-ws"]) as wire:
        await wire.send_json({"type": "connection_init"})
        await wire.receive()
        await wire.send_json({"type": "subscribe", "id": "1", "payload": {"query": f"{{ {LONG} }}"}})
        told = await wire.receive_str()

    assert json.loads(told)["type"] == "error"
    assert len(told) < 1_000
