"""The whole list over HTTP while its sources fail: every task once, and healthy sources' tasks at once."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from sandbox import Sandbox
from tests.conftest import Client, Serve

PAGE = """query ($first: Int, $after: String, $filter: TaskFilter) {
  tasks(first: $first, after: $after, filter: $filter) {
    nodes { id provider createdAt }
    pageInfo { hasNextPage endCursor }
    missing { provider code retryable }
  }
}"""
MESHY_LIST = "GET /openapi/v1/image-to-image"
FAULTS: list[dict[str, Any]] = [
    {"status": 400},
    {"status": 401},
    {"status": 402},
    {"status": 403},
    {"status": 429},
    {"status": 500},
    {"status": 503},
    {"reset": True},
    {"truncated": True},
    {"html": True},
    {"html": True, "status": 502},
    {"not_json": True},
]


async def walk(graph: Client, first: int, before_page: Any = None, **filter_: Any) -> list[dict[str, Any]]:
    """The pages of a client that asks again where `tasks` was an error."""
    pages: list[dict[str, Any]] = []
    after: str | None = None
    for number in range(4_000):
        if before_page is not None:
            before_page(number)
        answer = await graph.ask(PAGE, first=first, after=after, filter=filter_)
        found = answer["data"]["tasks"]
        if found is None:
            assert answer["errors"][0]["extensions"]["retryable"] is True
            continue
        pages.append(found)
        assert found["nodes"] or not found["pageInfo"]["hasNextPage"]
        after = found["pageInfo"]["endCursor"]
        if not found["pageInfo"]["hasNextPage"]:
            return pages
    raise AssertionError("the list does not end")


def ids(pages: list[dict[str, Any]]) -> list[str]:
    """Of all rows, as they came."""
    return [node["id"] for shown in pages for node in shown["nodes"]]


@pytest.mark.parametrize("first", [37, 100])
async def test_every_task_comes_once_whatever_fails(graph: Client, box: Sandbox, first: int) -> None:
    """Each list fails in every way, for one page or some; the client takes what it gets."""
    whole = ids(await walk(graph, 100))
    random = Random(first)
    healed = len(whole) // first // 2  # a source that cannot serve on the very last page is not waited for

    def before_page(number: int) -> None:
        for upstream in (box.pixai, box.meshy, box.newapi):
            if random.random() < 0.7 or number > healed:
                upstream.heal()
            if random.random() < 0.3 and number <= healed:
                upstream.fail("*", times=random.choice([2, 3, 4, None]), **random.choice(FAULTS))

    pages = await walk(graph, first, before_page)

    assert any(shown["missing"] for shown in pages)
    assert len(pages) > len(whole) / first
    assert sorted(ids(pages)) == sorted(whole)
    behind: set[str] = set()
    place = {id_: number for number, id_ in enumerate(whole)}
    foremost = -1
    for shown in pages:
        places = [place[node["id"]] for node in shown["nodes"]]
        assert places == sorted(places)
        for here, node in zip(places, shown["nodes"], strict=True):
            if here > foremost:
                foremost = here
                behind.discard(node["provider"])
            assert here == foremost or node["provider"] in behind
        behind |= {error["provider"] for error in shown["missing"]}


async def test_one_failed_page_loses_nothing(graph: Client, box: Sandbox) -> None:
    """The next page begins with the tasks that the failed source has above the last one shown."""
    healthy = await walk(graph, 50, None, providers=["PIXAI", "MESHY"], createdAfter="2024-06-01T00:00:00Z")
    box.meshy.fail("*", status=500)

    def before_page(number: int) -> None:
        if number == 1:
            box.meshy.heal()

    pages = await walk(
        graph, 50, before_page, providers=["PIXAI", "MESHY"], createdAfter="2024-06-01T00:00:00Z"
    )

    assert pages[0]["missing"] == [{"provider": "MESHY", "code": "UPSTREAM_FAULT", "retryable": True}]
    assert {node["provider"] for node in pages[0]["nodes"]} == {"PIXAI"}
    assert pages[1]["missing"] == []
    last = pages[0]["nodes"][-1]["createdAt"]
    above = [id_ for shown in healthy for id_ in _above(shown, last)]
    assert above
    assert ids(pages[1:])[: len(above)] == above
    assert sorted(ids(pages)) == sorted(ids(healthy))


def _above(shown: dict[str, Any], last: str) -> list[str]:
    return [n["id"] for n in shown["nodes"] if n["provider"] == "MESHY" and n["createdAt"] > last]


async def test_a_hanging_source_is_named_and_then_not_waited_for(serve: Serve, box: Sandbox) -> None:
    """The others' tasks come with the source's deadline, then at once: the breaker has learned it."""
    box.meshy.fail("*", latency=60)
    async with serve(source_deadline=0.4) as graph:
        pages = [(await graph.data(PAGE, first=20))["tasks"] for _ in range(3)]

    for shown in pages:
        assert shown["missing"] == [{"provider": "MESHY", "code": "UPSTREAM_TIMEOUT", "retryable": True}]
        assert {node["provider"] for node in shown["nodes"]} == {"PIXAI", "MIDJOURNEY"}
        assert len(shown["nodes"]) == 20
        assert shown["pageInfo"]["hasNextPage"] is True
    assert box.meshy.requests == {MESHY_LIST: 1}
    assert box.pixai.requests["POST /graphql"] == 3


async def test_a_slow_source_that_answers_is_not_cut_off(serve: Serve, box: Sandbox) -> None:
    """Its deadline is silence: many calls, each well within it, take longer together."""
    box.meshy.fail(MESHY_LIST, latency=0.1)
    async with serve(source_deadline=0.6) as graph:
        pages = await walk(graph, 100, None, providers=["MESHY"], statuses=["CANCELED"])

    assert [error for shown in pages for error in shown["missing"]] == []
    assert ids(pages)
    assert box.meshy.requests[MESHY_LIST] >= 7


async def test_a_filter_leaves_no_page_empty_that_has_a_next(graph: Client) -> None:
    """Few of thousands match: each page has some, until the last."""
    whole = await walk(graph, 100)

    pages = await walk(graph, 20, None, statuses=["RUNNING", "QUEUED", "ACTION_REQUIRED"])
    old = await walk(graph, 20, None, createdBefore="2024-06-01T00:00:00Z")

    assert ids(pages)
    assert len(pages) < 10
    assert ids(old) == [
        node["id"]
        for shown in whole
        for node in shown["nodes"]
        if node["createdAt"] is not None and node["createdAt"] < "2024-06-01"
    ]


async def test_ids_of_a_source_that_is_away_come_when_it_is_back(graph: Client, box: Sandbox) -> None:
    """A list by upstream ids keeps its place in each source, too."""
    whole = (await walk(graph, 100, None, providers=["PIXAI", "MESHY"]))[0]["nodes"]
    wanted = [node["id"].rpartition(":")[2] for node in whole]
    box.pixai.fail("*", status=503)

    first = await graph.data(PAGE, first=5, filter={"providerIds": wanted, "providers": ["PIXAI", "MESHY"]})
    box.pixai.heal()
    pages = [first["tasks"]]
    while pages[-1]["pageInfo"]["hasNextPage"]:
        after = pages[-1]["pageInfo"]["endCursor"]
        filter_ = {"providerIds": wanted, "providers": ["PIXAI", "MESHY"]}
        pages.append((await graph.data(PAGE, first=40, after=after, filter=filter_))["tasks"])

    assert pages[0]["missing"][0]["code"] == "UPSTREAM_FAULT"
    assert sorted(ids(pages)) == sorted(node["id"] for node in whole)
