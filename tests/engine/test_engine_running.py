"""What an operation may spend while it runs, and that others are served beside it."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any

import pytest
from graphql import get_introspection_query

import resolvers.provider
from engine import running
from resolvers.context import RequestContext
from sandbox import Sandbox
from sandbox.pixai.world import World
from tests.conftest import Client, Serve
from tests.engine.graphs import cost, limited, messages
from tests.server.test_server_websocket import socket

DEEP = '{ task(id: "x") { media { task { media { task { media { task { media { task { media { task { media'
TOO_DEEP = (
    DEEP + " { task { media { task { media { task { media { task { media { task { media { id } } }" + "}" * 20
)


async def post(graph: Client, query: str, **body: Any) -> Any:
    """The answer to a request with more than a query."""
    async with graph.session.post(f"{graph.origin}/graphql", json={"query": query, **body}) as response:
        return await response.json()


@pytest.fixture
async def many_providers(monkeypatch: pytest.MonkeyPatch) -> None:
    """A list of 3,000 where the schema promises three."""
    every = list(resolvers.provider.every(RequestContext(accounts={}))) * 1_000
    monkeypatch.setattr(resolvers.provider, "every", lambda _context: every)


async def test_an_answer_that_grows_too_large_ends(serve: Serve) -> None:
    """With one error and no data: what was made so far is thrown away."""
    async with serve(limit_bytes=20_000) as graph:
        answer = await graph.ask("{ tasks(first: 100) { nodes { id raw parameters } } }")

    [error] = answer["errors"]
    assert (answer["data"], error["extensions"]) == (None, {"code": "LIMIT_EXCEEDED"})
    assert "bytes answered so far: at most 20,000 (TRIPTYCH_LIMIT_BYTES)" in error["message"]


@pytest.mark.usefixtures("many_providers")
async def test_more_objects_than_the_schema_promises_end_it() -> None:
    """The estimate lets it through; what is shown does not, at the next look."""
    query = "{ providers { provider isConfigured } }"

    [message] = await messages(limited(fields=1_000), query)

    assert message.endswith(" fields shown so far: at most 1,000 (TRIPTYCH_LIMIT_FIELDS)")
    assert await messages(limited(fields=6_001), query) == []


@pytest.mark.usefixtures("many_providers")
async def test_the_deadline_ends_what_no_longer_waits() -> None:
    """Showing objects takes time, too."""
    graph = limited()

    result = await graph.execute(
        "{ providers { provider } }", context_value=RequestContext(accounts={}, seconds=-2 * running.GRACE)
    )

    assert result.data is None
    assert [error.extensions for error in result.errors or ()] == [{"code": "UPSTREAM_TIMEOUT"}]


@pytest.mark.usefixtures("many_providers")
async def test_what_was_counted_is_told() -> None:
    """3,000 objects of one field, and the list itself."""
    found = await cost(limited(), "{ providers { provider } }")

    assert (found["fields"], found["shown"]) == (4, 3_001)


async def test_others_are_served_beside_a_large_list(serve: Serve) -> None:
    """The process answers /healthz many times while it shows 4,000 pictures."""
    ids = [f"pixai:{key}" for task in World(0.0).listed(0.0) for key in task.media_ids()]
    query = "query ($ids: [ID!]!) { mediaById(ids: $ids) { id provider kind url width height } }"
    async with serve(limit_fields=100_000) as graph:
        answered = 0
        large = asyncio.create_task(graph.ask(query, ids=ids))
        while not large.done():
            async with graph.session.get(f"{graph.origin}/healthz") as response:
                assert response.status == 200
            answered += 1
        data = (await large)["data"]["mediaById"]

    assert len(data) == len(ids) > 3_000
    assert [one["id"] for one in data if one] == [
        f"media:{one}" for one, found in zip(ids, data, strict=True) if found
    ]
    assert answered > 10


async def test_lists_of_any_length_are_whole_and_in_order() -> None:
    """Shorter than a slice, exactly one, one more: with errors where they belong."""
    for number in 0, 1, running.SLICE - 1, running.SLICE, running.SLICE + 1, 3 * running.SLICE:
        ids = [f"?{index}" for index in range(number)]
        result = await limited().execute(
            "query ($ids: [ID!]!) { tasksById(ids: $ids) { id } }",
            variable_values={"ids": ids},
            context_value=RequestContext(accounts={}),
        )
        paths = [error.path for error in result.errors or () if error.path]
        assert result.data == {"tasksById": [None] * number}
        assert paths == [["tasksById", index] for index in range(min(number, 100))]


async def test_an_answer_has_at_most_a_hundred_errors(graph: Client) -> None:
    """The first by their path, each with its place in the document; the last one counts the rest."""
    aliases = "\n".join(f'  a{index}: task(id: "?{index}") {{ id }}' for index in range(140))

    answer = await graph.ask(f"{{\n{aliases}\n}}")

    assert len(answer["data"]) == 140
    assert len(answer["errors"]) == 101
    assert answer["errors"][1]["path"] == ["a1"]
    assert answer["errors"][1]["locations"] == [{"line": 3, "column": 3}]
    assert answer["errors"][-1] == {
        "message": "40 more errors are left out",
        "extensions": {"code": "LIMIT_EXCEEDED", "omitted": 40},
    }


async def test_a_websocket_and_a_stream_of_events_have_the_same_limits(graph: Client, box: Sandbox) -> None:
    """A refused operation ends with its error; the socket goes on."""
    async with socket(graph) as opened:
        await opened.begin()
        await opened.ask("deep", TOO_DEEP)
        refused = (await opened.until_complete(["deep"]))["deep"]
        await opened.ask("flat", "{ __typename }")
        answered = (await opened.until_complete(["flat"]))["flat"]
    async with graph.session.post(
        f"{graph.origin}/graphql", json={"query": TOO_DEEP}, headers={"accept": "text/event-stream"}
    ) as response:
        text = await response.text()
    events = [json.loads(line[6:]) for line in text.splitlines() if line.startswith("data: {")]

    assert [error["extensions"]["code"] for error in refused[0]] == ["LIMIT_EXCEEDED"]
    assert answered == [{"data": {"__typename": "Query"}}]
    assert [event["errors"][0]["extensions"]["code"] for event in events] == ["LIMIT_EXCEEDED"]
    assert not sum(box.pixai.requests.values())


async def test_limits_may_only_be_measured(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    """One line in the log for each operation over a limit, whichever limit it is."""
    queries = ("{ __typename __typename }", "{ a: __typename b: __typename }", "{ providers { provider } }")
    async with serve(limits="measure", limit_root_fields=1, limit_fields=2, limit_tokens=7) as graph:
        answers = [await graph.ask(query) for query in (*queries, queries[0])]

    assert all("errors" not in answer for answer in answers)
    assert [
        (record.levelno, record.getMessage().rpartition(": ")[2])
        for record in caplog.records
        if record.name == "engine.operation"
    ] == [
        (logging.WARNING, "at most 1 (TRIPTYCH_LIMIT_ROOT_FIELDS)"),
        (logging.WARNING, "at most 7 (TRIPTYCH_LIMIT_TOKENS)"),
        (logging.WARNING, "at most 2 (TRIPTYCH_LIMIT_FIELDS)"),
        (logging.WARNING, "at most 1 (TRIPTYCH_LIMIT_ROOT_FIELDS)"),
    ]


async def test_limits_may_be_off(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    """Nobody looks, and nobody is told."""
    async with serve(limits="off", limit_fields=1, limit_aliases=1) as graph:
        answer = await post(
            graph, "{ a: __typename b: __typename providers { provider } }", extensions={"cost": True}
        )

    assert set(answer) == {"data"}
    assert not [record for record in caplog.records if record.name == "engine.operation"]


@pytest.mark.parametrize(
    "query",
    [
        "{ "
        + " ".join(f'a{index}: task(id: "pixai:{index}") {{ id status }}' for index in range(100))
        + " }",
        """
        { tasks(first: 100) { ...Page } }
        fragment Page on TaskConnection { edges { node { ...Row } } pageInfo { endCursor hasNextPage } }
        fragment Row on Task { id status createdAt media { ...Picture } }
        fragment Picture on Media { id ...Address }
        fragment Address on Media { url width height }
        """,
    ],
    ids=["100 aliases", "a Relay page of four levels"],
)
async def test_the_defaults_let_through_what_clients_send(graph: Client, query: str) -> None:
    """With space to spare."""
    answer = await post(graph, query, extensions={"cost": True})

    assert "errors" not in answer
    assert answer["extensions"]["cost"]["fields"] < answer["extensions"]["cost"]["limits"]["fields"] / 2


async def test_the_defaults_let_through_a_thousand_ids_of_ten_fields(graph: Client) -> None:
    """In a variable, and written out."""
    ten = "{ id provider status providerStatus isTerminal progress prompt createdAt finishedAt duration }"
    ids = [f"pixai:{number}" for number in range(1_000)]

    answers = [
        await graph.data(f"query ($ids: [ID!]!) {{ tasksById(ids: $ids) {ten} }}", ids=ids),
        await graph.data(f"{{ tasksById(ids: {json.dumps(ids)}) {ten} }}"),
    ]

    assert answers == [{"tasksById": [None] * 1_000}] * 2


async def test_graphiql_may_ask_for_the_whole_schema(graph: Client) -> None:
    """With everything that newer tools want to know."""
    query = get_introspection_query(
        specified_by_url=True,
        directive_is_repeatable=True,
        schema_description=True,
        input_value_deprecation=True,
    )

    assert "Task" in {type_["name"] for type_ in (await graph.data(query))["__schema"]["types"]}


async def test_ten_thousand_ids_are_one_setting_away(serve: Serve) -> None:
    """Refused with its name; raised, they are answered."""
    query = "query ($ids: [ID!]!) { mediaById(ids: $ids) { id url provider } }"
    ids = ["pixai:1"] * 10_000
    async with serve(limit_fields=50_000) as graph:
        assert await graph.data(query, ids=ids) == {"mediaById": [None] * 10_000}
    async with serve() as graph:
        refused = await graph.ask(query, ids=ids)

    assert refused == {
        "errors": [
            {
                "message": "The operation has 30,001 fields to show: at most 30,000 (TRIPTYCH_LIMIT_FIELDS)",
                "extensions": {"code": "LIMIT_EXCEEDED"},
            }
        ]
    }
