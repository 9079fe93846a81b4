"""What a list is narrowed to, whose tasks it holds, and what it refuses."""

from __future__ import annotations

from typing import Any

import pytest

from loaders.budget import Limits
from sandbox import Sandbox
from sandbox.pixai import vendor_examples
from server.settings import SandboxMode, Settings
from tests.conftest import Client, Serve, serving
from tests.graph.task_pages import FILTERS, PAGE, WRONG, calls, everything, is_at_rest, page


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


async def test_an_operation_reads_so_many_rows_whatever_its_filters_leave_of_them(
    graph: Client, box: Sandbox
) -> None:
    """Of 100 aliases that no row meets, the first are empty pages with a next one, the rest are refused."""
    nothing = "tasks(first: 1, filter: {statuses: [UNKNOWN]}) { nodes { id } pageInfo { hasNextPage } }"
    answer = await graph.ask("{ " + " ".join(f"a{n}: {nothing}" for n in range(100)) + " }")

    shown = [page for page in answer["data"].values() if page is not None]
    assert all(page == {"nodes": [], "pageInfo": {"hasNextPage": True}} for page in shown)
    assert {error["message"] for error in answer["errors"]} == {
        f"At most {Limits().rows} rows of lists per operation"
    }
    assert {error["extensions"]["code"] for error in answer["errors"]} == {"LIMIT_EXCEEDED"}
    assert sum(sum(paths.values()) for paths in calls(box).values()) <= Limits().rows / 100  # rows a call


async def test_lists_spend_from_the_upstream_calls_of_their_operation(serve: Serve, box: Sandbox) -> None:
    """A page that no row meets ends with the calls that it may make; the next one goes on from there."""
    nothing = "{ tasks(first: 1, filter: {statuses: [UNKNOWN]}) { nodes { id } pageInfo { hasNextPage } } }"
    async with serve(limit_calls=16) as graph:
        page = (await graph.data(nothing))["tasks"]

    assert page == {"nodes": [], "pageInfo": {"hasNextPage": True}}
    assert 3 <= sum(sum(paths.values()) for paths in calls(box).values()) <= 16
