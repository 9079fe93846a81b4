"""One newest-first list over three sources, over HTTP: what it costs, shows, filters and refuses."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sandbox import Sandbox
from sandbox.midjourney.edge_cases import TASKS as MIDJOURNEY
from sandbox.pixai import vendor_examples
from server.settings import SandboxMode, Settings
from tests.conftest import Client, Serve, serving

PAGE = """query ($first: Int, $after: String, $filter: TaskFilter) {
  tasks(first: $first, after: $after, filter: $filter) {
    edges { cursor node { id } }
    nodes { id provider status createdAt channelId ownerId providerId }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    totalCount
    missing { provider code }
  }
}"""

LISTS = {
    "pixai": {"POST /graphql": 1},
    "meshy": {"GET /openapi/v1/image-to-image": 1},
    "newapi": {"GET /api/mj/self": 1},
}


def calls(box: Sandbox) -> dict[str, dict[str, int]]:
    """What each source received."""
    return {upstream.name: dict(upstream.requests) for upstream in box.upstreams() if upstream.requests}


async def page(graph: Client, **variables: Any) -> dict[str, Any]:
    found: dict[str, Any] = (await graph.data(PAGE, **variables))["tasks"]
    return found


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


@pytest.mark.parametrize("first", [7, 20, 100])
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


Node = dict[str, Any]
IDS = (vendor_examples.BATCH, "1730621826053455")
FILTERS: dict[str, tuple[dict[str, Any], Callable[[Node], bool]]] = {
    "providers": ({"providers": ["MESHY"]}, lambda node: node["provider"] == "MESHY"),
    "statuses": (
        {"statuses": ["FAILED", "CANCELED"]},
        lambda node: node["status"] in {"FAILED", "CANCELED"},
    ),
    "createdAfter": (
        {"createdAfter": "2025-01-10T00:00:00Z"},
        lambda node: node["createdAt"] >= "2025-01-10",
    ),
    "createdBefore": (
        {"createdBefore": "2024-06-01T00:00:00Z"},
        lambda node: node["createdAt"] < "2024-06-01",
    ),
    "between": (
        {"createdAfter": "2024-08-01T00:00:00Z", "createdBefore": "2024-08-02T00:00:00Z"},
        lambda node: "2024-08-01" <= node["createdAt"] < "2024-08-02",
    ),
    "channelId": ({"channelId": "2"}, lambda node: node["channelId"] == "2"),
    "providerIds": ({"providerIds": [*IDS, "404"]}, lambda node: node["providerId"] in IDS),
    "scope": ({"providers": ["PIXAI"], "scope": "ALL"}, lambda node: node["provider"] == "PIXAI"),
}


async def everything(graph: Client, **filter_: Any) -> list[dict[str, Any]]:
    """Every row, page by page."""
    rows: list[dict[str, Any]] = []
    after: str | None = None
    while True:
        found = await page(graph, first=100, after=after, filter=filter_)
        rows += found["nodes"]
        after = found["pageInfo"]["endCursor"]
        if not found["pageInfo"]["hasNextPage"]:
            return rows


def is_at_rest(node: Node) -> bool:
    """Whether a task has a time, and is not one of those that go on while the sandbox runs."""
    yesterday = (datetime.now(UTC) - timedelta(days=1)).isoformat()
    return node["createdAt"] is not None and node["createdAt"] < yesterday


@pytest.mark.parametrize("name", FILTERS)
async def test_a_filter_shows_exactly_the_rows_that_meet_it(graph: Client, name: str) -> None:
    """Walked to the end, it is the whole list with the others left out, in the same order."""
    filter_, rule = FILTERS[name]
    whole = await everything(graph)

    filtered = await everything(graph, **filter_)

    expected = [node["id"] for node in whole if is_at_rest(node) and rule(node)]
    assert expected
    assert [node["id"] for node in filtered if is_at_rest(node)] == expected


async def test_exact_upstream_ids_are_looked_up_not_searched(graph: Client, box: Sandbox) -> None:
    """Both are found, newest first, without a list call."""
    found = await page(graph, filter={"providerIds": [vendor_examples.BATCH, "1730621826053455"]})

    assert [node["id"] for node in found["nodes"]] == [
        "task:midjourney:1730621826053455",
        f"task:pixai:{vendor_examples.BATCH}",
    ]
    assert found["pageInfo"]["hasNextPage"] is False
    assert "GET /openapi/v1/image-to-image" not in box.meshy.requests
    assert sum(box.pixai.requests.values()) == 1


async def test_everybodys_tasks_are_for_admins(box: Sandbox, serve: Serve) -> None:
    """Scope ALL widens new-api alone, where the token behind it may; MINE stays the caller's own."""
    places: dict[str, Any] = {
        "newapi_url": box.newapi.url,
        "newapi_token": box.newapi.admin_key,
        "newapi_user": box.newapi.admin_user,
    }
    async with serve(**places) as graph:
        mine = await page(graph, first=100, filter={"providers": ["MIDJOURNEY"]})
        everybodys = await page(graph, first=100, filter={"providers": ["MIDJOURNEY"], "scope": "ALL"})

    assert {node["ownerId"] for node in mine["nodes"]} == {str(box.newapi.admin_user)}
    assert len({node["ownerId"] for node in everybodys["nodes"]}) > 1
    assert everybodys["totalCount"] > (mine["totalCount"] or 0)


async def test_only_sources_that_count_make_a_total(graph: Client) -> None:
    """new-api counts, and its first page's count stays with the cursor; PixAI and Meshy do not count."""
    first = await page(graph, first=5, filter={"providers": ["MIDJOURNEY"]})
    second = await page(
        graph, first=5, after=first["pageInfo"]["endCursor"], filter={"providers": ["MIDJOURNEY"]}
    )

    assert first["totalCount"] == second["totalCount"] > 400
    assert second["pageInfo"]["hasPreviousPage"] is True


WRONG: dict[str, dict[str, Any]] = {
    "no rows": {"first": 0},
    "negative": {"first": -1},
    "too many": {"first": 101},
    "no cursor": {"after": "next"},
    "empty cursor": {"after": ""},
    "not base64": {"after": "🦊"},
    "forged": {"after": "AAAAAAAAAABbMSwxLCJ4Iix7fSxudWxsXQ"},
}


@pytest.mark.parametrize("name", WRONG)
async def test_wrong_arguments_are_refused_before_anything_is_asked(
    graph: Client, box: Sandbox, name: str
) -> None:
    """BAD_USER_INPUT on the field, naming the argument."""
    answer = await graph.ask(PAGE, **WRONG[name])

    assert answer["data"] == {"tasks": None}
    assert answer["errors"][0]["extensions"] == {"code": "BAD_USER_INPUT"}
    assert next(iter(WRONG[name])) in answer["errors"][0]["message"]
    assert calls(box) == {}


async def test_a_changed_cursor_is_noticed(graph: Client) -> None:
    """One letter is enough."""
    cursor = (await page(graph, first=1))["pageInfo"]["endCursor"]
    forged = cursor[:-1] + ("A" if cursor[-1] != "A" else "B")

    answer = await graph.ask(PAGE, after=forged)

    assert answer["errors"][0]["extensions"] == {"code": "BAD_USER_INPUT"}


async def test_a_list_without_any_source_says_so(box: Sandbox) -> None:
    """Nothing is configured, and the sandbox is off."""
    async with serving(Settings(sandbox=SandboxMode.OFF), None) as graph:
        answer = await graph.ask("{ tasks { nodes { id } } }")

    assert answer["data"] == {"tasks": None}
    assert answer["errors"][0]["extensions"]["code"] == "PROVIDER_NOT_CONFIGURED"


async def test_a_source_that_was_asked_for_by_name_is_missing_by_name(box: Sandbox) -> None:
    """Unasked, a source without a key is simply not part of the list."""
    settings = Settings(pixai_key=box.pixai.key, pixai_url=box.pixai.url)  # type: ignore[arg-type]
    async with serving(settings, None) as graph:
        unasked = await page(graph, first=1)
        asked = await page(graph, first=1, filter={"providers": ["PIXAI", "MESHY"]})

    assert (unasked["missing"], len(unasked["nodes"])) == ([], 1)
    assert asked["missing"] == [{"provider": "MESHY", "code": "PROVIDER_NOT_CONFIGURED"}]
