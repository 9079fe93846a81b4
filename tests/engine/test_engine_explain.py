"""What `triptych explain` knows of a query before anybody is asked."""

from __future__ import annotations

from typing import Any

import pytest

from engine.cost.calls import Prices
from engine.explain import Explanation, Refused, Step, explain
from engine.limits import Limits
from schema import schema
from tests.engine.plan.world import operation


async def explained(text: str, _name: str | None = None, /, **variables: Any) -> Explanation:
    return await explain(schema, text, variables, _name, limits=Limits(), prices=Prices())


STEPS: dict[str, tuple[str, list[Step]]] = {
    "nothing to load": ("{ __typename providers { provider } }", []),
    "one look-up": (
        '{ media(id: "pixai:1") { url } }',
        [Step(1, "media PIXAI", 1, 1, ("Query.media",), ("1",))],
    ),
    "aliases share a batch": (
        '{ a: media(id: "pixai:1") { url } b: media(id: "pixai:2") { url } c: media(id: "pixai:1") { id } }',
        [Step(1, "media PIXAI", 2, 1, ("Query.media",), ("1", "2"))],
    ),
    "a chunk more": (
        '{ mediaById(ids: ["pixai:1", '
        + ", ".join(f'"pixai:{key}"' for key in range(2, 27))
        + "]) { url } }",
        [Step(1, "media PIXAI", 26, 2, ("Query.mediaById",), tuple(map(str, range(1, 11))))],
    ),
    "a task and its pictures": (
        '{ task(id: "pixai:1") { media { width url } cover { height } } }',
        [
            Step(1, "task PIXAI", 1, 1, ("Query.task",), ("1",)),
            Step(
                2,
                "media PIXAI",
                4,
                1,
                ("Media.width", "Media.url", "Media.height"),
                ("1:0", "1:1", "1:2", "1:3"),
            ),
        ],
    ),
    "Meshy brings addresses along": (
        '{ task(id: "meshy:1") { media { url } seeds { value } } }',
        [Step(1, "task MESHY", 1, 1, ("Query.task",), ("image-to-image:1",))],
    ),
    "Midjourney's seeds take a call each": (
        '{ tasksById(ids: ["midjourney:1", "midjourney:2"]) { seeds { value } } }',
        [
            Step(1, "task MIDJOURNEY", 2, 1, ("Query.tasksById",), ("1", "2")),
            Step(2, "seeds MIDJOURNEY", 2, 2, ("Task.seeds",), ("1", "2")),
        ],
    ),
    "a page of a filter": (
        "{ tasks(filter: {statuses: FAILED}) { totalCount } }",
        [Step(1, "Query.tasks", None, None, ("Query.tasks",))],
    ),
    "a page": (
        "{ tasks(first: 9) { nodes { media { url } } } }",
        [
            Step(1, "Query.tasks", None, 3, ("Query.tasks",)),
            Step(
                2,
                "media PIXAI",
                12,
                1,
                ("Media.url",),
                ("0:0", "0:1", "0:2", "0:3", "1:0", "1:1", "1:2", "1:3", "2:0", "2:1"),
            ),
        ],
    ),
}


@pytest.mark.parametrize("name", STEPS)
async def test_the_waves_of_a_query(name: str) -> None:
    """Over examples: each loader with its keys, the calls that these take, and the fields that wait."""
    text, steps = STEPS[name]

    found = await explained(text)

    assert (found.unplanned, list(found.steps), found.errors) == (None, steps, ())


async def test_what_has_no_plan() -> None:
    """Its cost is known all the same."""
    mutation = await explained('mutation { cancelTask(id: "pixai:1") { task { id } } }')
    introspection = await explained("{ __schema { queryType { name } } }")

    assert (mutation.unplanned, introspection.unplanned) == ("only queries have plans", "introspection")
    assert mutation.estimate is not None
    assert (mutation.estimate.fields, mutation.estimate.calls) == (3, 2)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{ nothing }", "1:3: Cannot query field 'nothing' on type 'Query'."),
        ("{", "1:2: Syntax Error: Expected Name, found <EOF>."),
        (
            "query ($id: ID!) { task(id: $id) { id } }",
            "1:8: Variable '$id' has invalid value: Expected a value of non-null type 'ID!' to be provided.",
        ),
    ],
)
async def test_what_is_refused(text: str, reason: str) -> None:
    """Why, and where."""
    with pytest.raises(Refused) as refused:
        await explained(text)

    assert refused.value.reasons == (reason,)


async def test_what_costs_too_much_is_refused() -> None:
    """In the limits' words."""
    aliases = " ".join(f"a{index}: __typename" for index in range(151))

    with pytest.raises(Refused, match=r"The operation has 151 aliases: at most 150"):
        await explained(f"{{ {aliases} }}")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("C", "The document has no operation named 'C'"),
        (None, "The document does not have one operation: name the one that is meant"),
    ],
)
async def test_one_operation_has_to_be_meant(name: str | None, reason: str) -> None:
    """As a server wants it."""
    text = "query A { __typename } query B { __typename }"

    with pytest.raises(Refused) as refused:
        await explain(schema, text, {}, name, limits=Limits(), prices=Prices())

    assert refused.value.reasons == (reason,)


async def test_a_real_run_tells_its_errors() -> None:
    """The same steps, with the keys that there are."""
    found = await explain(
        schema,
        '{ a: task(id: "pixai:1") { id } b: task(id: "pixai:throttled") { id } }',
        {},
        limits=Limits(),
        prices=Prices(),
        context=operation(),
    )

    assert found.steps == (Step(1, "task PIXAI", 2, 1, ("Query.task",), ("1", "throttled")),)
    assert found.errors == ("1:33: PixAI asks for fewer requests",)
