"""The two figures: fields shown and upstream calls, told beforehand and true."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import GraphQLObjectType

from engine.cost.calls import BY_ID, DETAILS, FREE, SEEDS, TASKS, WRITES
from sandbox import Sandbox
from sandbox.pixai import vendor_examples
from schema import schema
from tests.conftest import Client
from tests.engine.graphs import cost, limited, messages

IDS = [f"pixai:{number}" for number in range(60)]
MJ = [f"midjourney:{number}" for number in range(60)]
MESHY = [f"meshy:{number}" for number in range(60)]

# document, variables -> fields, calls
FIGURES: dict[str, tuple[str, dict[str, Any], int, int]] = {
    "a leaf": ("{ __typename }", {}, 1, 0),
    "a list of its own": ("{ providers { provider capabilities } }", {}, 1 + 3 * 2, 0),
    "a task": ('{ task(id: "pixai:1") { id status } }', {}, 3, 1),
    "an id of nobody": ('{ task(id: "?") { id status } }', {}, 3, 0),
    "raw weighs ten": ('{ task(id: "pixai:1") { raw } }', {}, 11, 1),
    "media of a task": ('{ task(id: "pixai:1") { media { id } } }', {}, 1 + 1 + 4, 1),
    "their details": ('{ task(id: "pixai:1") { media { url } } }', {}, 1 + 1 + 4, 2),
    "details that came along": ('{ task(id: "meshy:1") { media { url } } }', {}, 1 + 1 + 4, 1),
    "a picture's own details": ('{ media(id: "pixai:1") { url width } }', {}, 3, 1),
    "a picture's task": ('{ media(id: "meshy:1") { task { id } } }', {}, 3, 2),
    "a seed": ('{ seed(id: "midjourney:1") { value } }', {}, 2, 2),
    "any node": ('{ node(id: "task:pixai:1") { ... on Task { id status } ... on Media { id } } }', {}, 3, 1),
    "ids in a list": ('{ tasksById(ids: ["pixai:1", "pixai:2"]) { id } }', {}, 3, 1),
    "one id for a list": ('{ tasksById(ids: "pixai:1") { id } }', {}, 2, 1),
    "ids in a variable": ("query ($i: [ID!]!) { tasksById(ids: $i) { id } }", {"i": IDS}, 61, 3),
    "ids that repeat": ("query ($i: [ID!]!) { tasksById(ids: $i) { id } }", {"i": IDS * 2}, 121, 3),
    "Midjourney's in batches": ("query ($i: [ID!]!) { tasksById(ids: $i) { id } }", {"i": MJ}, 61, 2),
    "Meshy's one by one": ("query ($i: [ID!]!) { tasksById(ids: $i) { id } }", {"i": MESHY}, 61, 60),
    "seeds one by one": (
        "query ($i: [ID!]!) { tasksById(ids: $i) { seeds { value } } }",
        {"i": MJ},
        1 + 60 * 5,
        62,
    ),
    "aliases share a batch": ('{ a: task(id: "pixai:1") { id } b: task(id: "pixai:2") { id } }', {}, 4, 1),
    "a default of a variable": (
        'query ($i: [ID!]! = ["pixai:1", "pixai:2"]) { tasksById(ids: $i) { id } }',
        {},
        3,
        1,
    ),
    "entities": (
        "query ($r: [_Any!]!) { _entities(representations: $r) { ... on Task { id } } }",
        {"r": [{"__typename": "Task", "id": "task:pixai:1"}, {"__typename": "Task", "id": "task:meshy:1"}]},
        3,
        2,
    ),
    "a page": ("{ tasks { nodes { id } } }", {}, 200 + 1 + 20, 3),
    "a page of a size": ("{ tasks(first: 2) { nodes { id } edges { cursor } } }", {}, 200 + 3 + 3, 3),
    "a page of a variable size": (
        "query ($n: Int = 3) { tasks(first: $n) { nodes { id } } }",
        {"n": 7},
        200 + 1 + 7,
        3,
    ),
    "a page of no size": ("query ($n: Int) { tasks(first: $n) { nodes { id } } }", {"n": None}, 221, 3),
    "a page that is not asked for": (
        "query ($x: Boolean! = false) { tasks(first: 100) @include(if: $x) { nodes { id } } __typename }",
        {},
        1,
        0,
    ),
    "a page that merges": ("{ tasks { nodes { id } } tasks { nodes { status } } }", {}, 241, 3),
    "a page of one source": ("{ tasks(filter: { providers: [PIXAI] }) { nodes { id } } }", {}, 221, 1),
    "a page of a filter": (
        "query ($f: TaskFilter) { tasks(filter: $f) { totalCount } }",
        {"f": {"statuses": ["FAILED"]}},
        201,
        15,
    ),
    "a page of known ids": (
        '{ tasks(filter: { providerIds: ["1", "2"] }) { nodes { id } } }',
        {},
        221,
        4,
    ),
    "a fragment twice": (
        "{ tasks(first: 1) { ...p ...p } } fragment p on TaskConnection { nodes { ...t ...t } } "
        "fragment t on Task { id }",
        {},
        202,
        3,
    ),
    "fields that merge": ("{ providers { provider } providers { provider isSandbox } }", {}, 1 + 3 * 2, 0),
    "what is never there": ("{ providers @skip(if: true) { provider } __typename }", {}, 1, 0),
    "what is not there now": (
        "query ($all: Boolean!) { providers @include(if: $all) { provider } __typename }",
        {"all": False},
        1,
        0,
    ),
    "what is there now": (
        "query ($none: Boolean!) { providers @skip(if: $none) { provider } __typename }",
        {"none": False},
        5,
        0,
    ),
    "what is there for one reason or another": (
        "query ($no: Boolean!, $yes: Boolean!) { providers @include(if: $no) { provider } "
        "providers @include(if: $yes) { provider } }",
        {"no": False, "yes": True},
        4,
        0,
    ),
    "a write": ('mutation { deleteTask(id: "task:pixai:1") { deletedId } }', {}, 2, 1),
    "a write, and what it made": (
        'mutation { createTask(input: { pixai: { prompt: "a" } }) { taskId task { media { url } } } }',
        {},
        8,
        3,
    ),
    "an upload": ("mutation ($f: Upload!) { uploadMedia(file: $f) { mediaId } }", {}, 2, 3),
}


@pytest.mark.parametrize(("text", "variables", "fields", "calls"), FIGURES.values(), ids=FIGURES)
async def test_an_operation_costs(text: str, variables: dict[str, Any], fields: int, calls: int) -> None:
    """So many fields and calls at worst."""
    found = await cost(limited(), text, **variables)

    assert (found["fields"], found["calls"]) == (fields, calls)


DOUBLING = "".join(
    f"fragment f{index} on Task {{ media {{ task {{ ...f{index + 1} ...f{index + 1} }} }} "
    f"media {{ task {{ ...f{index + 1} }} }} }} "
    for index in range(3)
)


async def test_fragments_that_double_cost_nothing() -> None:
    """What merges is counted once, as it is shown once."""
    doubled = '{ task(id: "pixai:1") { ...f0 } } ' + DOUBLING + "fragment f3 on Task { id }"
    plain = '{ task(id: "pixai:1") { media { task { media { task { media { task { id } } } } } } } }'

    assert await cost(limited(), doubled) == await cost(limited(), plain)


WHOLE = """
query ($ids: [ID!]!) {
  tasksById(ids: $ids) {
    id status raw media { id url urls { url } seed { value } task { id } } seeds { value }
  }
}
"""


async def test_the_estimate_is_not_below_what_it_costs(graph: Client, box: Sandbox) -> None:
    """Of tasks with pictures, details, seeds and each other: fields as shown, calls as the source counts."""
    ids = [f"task:pixai:{vendor_examples.BATCH}", f"task:pixai:{vendor_examples.SINGLE}"]
    body = {"query": WHOLE, "variables": {"ids": ids}, "extensions": {"cost": True}}

    async with graph.session.post(f"{graph.origin}/graphql", json=body) as response:
        answer = await response.json()
        size = len(await response.read())

    found = answer["extensions"]["cost"]
    assert "errors" not in answer
    assert 20 < found["shown"] <= found["fields"]
    assert sum(box.pixai.requests.values()) <= found["calls"]
    assert size / 4 < found["bytes"] < size


async def test_nobody_is_told_who_does_not_ask(graph: Client) -> None:
    """An answer has no extensions of its own accord."""
    assert set(await graph.ask("{ __typename }")) == {"data"}


def test_every_field_that_may_ask_a_source_has_a_price() -> None:
    """What a resolver answers is a detail, a task, a seed, or known to be free; so is every root field."""
    types = schema.graphql.type_map
    resolved = {
        f"{name}.{field}"
        for name in ("Task", "Media", "Seed")
        for field, declared in getattr(types[name], "fields", {}).items()
        if declared.extensions["strawberry-definition"].base_resolver is not None
    }
    roots = {
        field
        for type_ in (
            schema.graphql.query_type,
            schema.graphql.mutation_type,
            schema.graphql.subscription_type,
        )
        if isinstance(type_, GraphQLObjectType)
        for field in type_.fields
    }

    assert resolved == {*DETAILS, *TASKS, *SEEDS, "Media.permalink"}
    assert roots == {*BY_ID, *WRITES, "tasks", *(FREE - {"__typename", "__schema", "__type"})}


async def test_numbers_of_any_length_are_told_by_coercion() -> None:
    """A size that no Int has is not counted with: the variable itself is refused."""
    query = "query ($n: Int) { tasks(first: $n) { nodes { id } } }"

    [message] = await messages(limited(), query, n=10**5_000)
    [counted] = await messages(limited(), query, n=2**31 - 1)

    assert "TRIPTYCH_LIMIT" not in message
    assert counted == "The operation has 2,147,483,848 fields to show: at most 30,000 (TRIPTYCH_LIMIT_FIELDS)"
