"""One newest-first list over three sources, over HTTP: what it costs, shows, filters and refuses."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Any

import pytest

from sandbox import Sandbox
from sandbox.midjourney.edge_cases import TASKS as MIDJOURNEY
from server.settings import Settings
from tests.conftest import Client
from tests.graph.task_pages import LISTS, calls, page


async def test_the_first_page_costs_one_list_call_a_source(graph: Client, box: Sandbox) -> None:
    """Fifty tasks of three sources, newest first, in three calls."""
    found = await page(graph, first=50)

    times = [datetime.fromisoformat(node["createdAt"]) for node in found["nodes"]]
    assert times == sorted(times, reverse=True)
    assert {node["provider"] for node in found["nodes"]} == {"PIXAI", "MESHY", "MIDJOURNEY"}
    assert [edge["node"]["id"] for edge in found["edges"]] == [node["id"] for node in found["nodes"]]
    assert found["pageInfo"] == {
        "hasNextPage": True,
        "hasPreviousPage": False,
        "startCursor": found["edges"][0]["cursor"],
        "endCursor": found["edges"][-1]["cursor"],
    }
    assert (len(found["nodes"]), found["totalCount"], found["missing"]) == (50, None, [])
    assert calls(box) == LISTS


async def test_media_of_a_page_cost_pixais_documents_alone(graph: Client, box: Sandbox) -> None:
    """Meshy's and Midjourney's pictures come with their tasks."""
    query = "{ tasks(first: 50) { nodes { provider media { id url width } } } }"

    nodes = (await graph.data(query))["tasks"]["nodes"]

    media = sum(len(node["media"]) for node in nodes if node["provider"] == "PIXAI")
    assert media > 0
    assert calls(box) == LISTS | {"pixai": {"POST /graphql": 1 + math.ceil(media / Settings().pixai_chunk)}}


async def test_seeds_are_asked_only_where_they_are_selected(graph: Client, box: Sandbox) -> None:
    """image-seed is one call a task; a list without seeds makes none."""
    filter_ = {"providers": ["MIDJOURNEY"], "statuses": ["SUCCEEDED"]}
    await graph.data(
        "query ($f: TaskFilter) { tasks(first: 5, filter: $f) { nodes { id media { url } } } }", f=filter_
    )
    assert "mj" not in calls(box)

    nodes = (
        await graph.data(
            "query ($f: TaskFilter) { tasks(first: 5, filter: $f) { nodes { seeds { value } } } }", f=filter_
        )
    )["tasks"]["nodes"]

    assert len(nodes) == 5
    assert box.mj.requests["GET /mj/task/{id}/image-seed"] <= 5
    assert set(box.mj.requests) <= {"GET /mj/task/{id}/image-seed", "POST /mj/task/list-by-condition"}


async def test_a_seed_is_asked_once_for_ever(graph: Client, box: Sandbox) -> None:
    """By ten requests at once and one after; it never changes."""
    query = "query ($id: ID!) { task(id: $id) { seeds { value } } }"
    for _ in range(3):
        await graph.data(query, id=f"midjourney:{MIDJOURNEY['seed text']}")

    assert box.mj.requests["GET /mj/task/{id}/image-seed"] == 1


async def test_twenty_midjourney_tasks_by_id_are_one_call(graph: Client, box: Sandbox) -> None:
    """list-by-condition takes them all, in whatever order it answers."""
    ids = [
        f"task:midjourney:{id_}"
        for name, id_ in MIDJOURNEY.items()
        if "odd" not in name and "row" not in name
    ]

    found = await graph.data("query ($ids: [ID!]!) { tasksById(ids: $ids) { id } }", ids=ids[:20])

    assert found["tasksById"] == [{"id": id_} for id_ in ids[:20]]
    assert calls(box) == {"mj": {"POST /mj/task/list-by-condition": 1}}


@pytest.mark.parametrize("first", [37, 100])
async def test_the_whole_list_page_by_page(graph: Client, box: Sandbox, first: int) -> None:
    """Every task of every source exactly once, in order."""
    rows: list[dict[str, Any]] = []
    after: str | None = None
    while True:
        found = await page(graph, first=first, after=after)
        assert found["missing"] == []
        rows += found["nodes"]
        after = found["pageInfo"]["endCursor"]
        if not found["pageInfo"]["hasNextPage"]:
            break

    places = [
        (
            row["createdAt"] is None,
            -datetime.fromisoformat(row["createdAt"] or "1970-01-01T00:00Z").timestamp(),
            row["id"],
        )
        for row in rows
    ]
    assert places == sorted(set(places))
    counts = {name: sum(row["provider"] == name for row in rows) for name in ("PIXAI", "MESHY", "MIDJOURNEY")}
    midjourney = sum(task.listed and task.user == box.newapi.user for task in box.mj.world)
    assert (counts["PIXAI"], counts["MIDJOURNEY"]) == (1194, midjourney)
    assert sum(counts.values()) > 2000


async def test_a_missing_source_is_named_and_the_page_goes_on(graph: Client, box: Sandbox) -> None:
    """The others' rows are there; nothing is an error of the field."""
    box.meshy.fail("*", status=500)

    found = await page(graph, first=20)

    assert found["missing"] == [{"provider": "MESHY", "code": "UPSTREAM_FAULT"}]
    assert {node["provider"] for node in found["nodes"]} == {"PIXAI", "MIDJOURNEY"}
    assert len(found["nodes"]) == 20


async def test_a_list_that_a_key_may_not_read_drops_the_capability_not_the_answer(
    graph: Client, box: Sandbox
) -> None:
    """PixAI refuses `me { tasks }` for this key: it is not asked again, and its tasks stay readable."""
    box.pixai.fail("POST /graphql", no_lists=True)

    for _ in range(2):
        found = await page(graph, first=5)
        assert found["missing"] == [{"provider": "PIXAI", "code": "NOT_SUPPORTED"}]
    box.pixai.heal()
    data = await graph.data(
        '{ task(id: "pixai:1749903535747486198") { status } providers { capabilities } }',
    )

    assert data["task"] == {"status": "SUCCEEDED"}
    assert "LIST_TASKS" not in data["providers"][0]["capabilities"]
    assert box.pixai.requests == {"POST /graphql": 2}
