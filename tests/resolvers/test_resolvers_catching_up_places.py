"""A place that a source refuses, and two rows of one task."""

from __future__ import annotations

import pytest

from loaders.errors import Fault
from loaders.records import TaskStatus
from resolvers.tasks import cursor
from resolvers.tasks.filter import TaskQuery
from resolvers.tasks.list import page
from resolvers.tasks.merge import FILLING_CALLS
from tests.resolvers.catching_up import ALL, MESHY, MIDJOURNEY, PIXAI, ask, far_in, rows, times
from tests.resolvers.lists import Row, World, operation


async def test_a_refused_place_is_dropped_and_the_list_walked_from_the_front() -> None:
    """PixAI refuses the cursor of a task that is gone; two calls of 100 find the rows after it."""
    worlds = {PIXAI: World(rows(range(2, 252)))}
    second = await far_in(worlds)
    hint = cursor.decode(second.end_cursor or "").hints[PIXAI]
    worlds[PIXAI].rows = [row for row in worlds[PIXAI].rows if f"'{row.number:09}'" not in hint]
    worlds[PIXAI].calls = 0

    third = await ask(worlds, 3, second)

    assert len(worlds[PIXAI].rows) == 249
    assert (times(third), third.missing, worlds[PIXAI].calls) == ([131, 130, 129], (), 3)
    assert cursor.decode(third.end_cursor or "").hints[PIXAI] != hint


async def test_a_source_that_refuses_every_place_is_walked_from_the_front_once() -> None:
    """It could not be walked further then: it has failed, and what its first call brought is shown."""
    worlds = {PIXAI: World(rows(range(1, 301)), refuses_places=True)}
    first = await ask(worlds, 100)
    calls = worlds[PIXAI].calls

    with pytest.raises(Fault):
        await ask(worlds, 100, first)

    assert (times(first), first.has_next_page) == ([*range(300, 200, -1)], True)
    assert (calls, worlds[PIXAI].calls) == (1, 5)


@pytest.mark.parametrize("fault", ["fault", "unreachable", "timed out", "throttled", "refused"])
async def test_a_place_is_kept_where_the_source_failed_for_other_reasons(fault: str) -> None:
    """A walk from the front would be one more call to a source that is ill."""
    worlds = {PIXAI: World(rows(range(2, 252))), MESHY: World(rows([1]))}
    second = await far_in(worlds)
    worlds[PIXAI].failing = fault
    worlds[PIXAI].calls = 0

    third = await ask(worlds, 20, second)

    assert (times(third), worlds[PIXAI].calls) == ([1], 1)
    hints = [cursor.decode(found.end_cursor or "").hints[PIXAI] for found in (second, third)]
    assert hints[0] == hints[1]


@pytest.mark.parametrize("apart", [0, 1, 10])
async def test_two_rows_of_one_task_are_shown_as_the_newer(apart: int) -> None:
    """new-api keeps both; the page has the one that came last."""
    older, newer = Row(1, 5, "FAILURE", key="7"), Row(2, 5 + apart, "SUCCESS", key="7")
    worlds = {MIDJOURNEY: World([older, newer, Row(3, 30), Row(4, 31)])}
    context = operation(worlds)

    found = await page(context, first=20, after=None, where=ALL)

    assert [edge.node.key for edge in found.edges] == ["4", "3", "7"]
    assert found.edges[-1].node.status is TaskStatus.SUCCEEDED


async def test_two_rows_of_one_task_on_two_calls_are_shown_once() -> None:
    """A filter that leaves most rows out makes one page of many calls."""
    worlds = {
        MIDJOURNEY: World([Row(1, 1, "FAILURE", key="x"), *rows(range(200))[1:], Row(999, 999, key="x")])
    }
    where = TaskQuery(statuses=frozenset({TaskStatus.FAILED, TaskStatus.RUNNING}))

    pages = [await ask(worlds, 100, None, where)]
    while pages[-1].has_next_page:
        pages.append(await ask(worlds, 100, pages[-1], where))

    assert [edge.node.key for edge in pages[0].edges].count("x") == 1
    assert all(len({e.node.id for e in found.edges}) == len(found.edges) for found in pages)


async def test_a_page_without_a_row_looks_on_and_one_with_rows_does_not() -> None:
    """The only wanted row is 1,500 rows down; once one is there, some calls may fill the page, not all."""
    some = [Row(number, number) for number in range(1, 3001)]
    some[1490].status = some[5].status = "failed"
    worlds = {MESHY: World(some)}
    where = TaskQuery(statuses=frozenset({TaskStatus.FAILED}))

    first = await ask(worlds, 20, None, where)
    calls = worlds[MESHY].calls
    second = await ask(worlds, 20, first, where)
    third = await ask(worlds, 20, second, where) if second.has_next_page else second

    assert (times(first), first.has_next_page) == ([1491], True)
    assert (
        calls == 31 > FILLING_CALLS
    )  # 50 rows a call; the row is the last of the 30th, and certain by the next
    assert (times(second), third.has_next_page) == ([6], False)
