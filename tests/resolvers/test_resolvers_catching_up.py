"""A source that failed is left behind at its own place, and its rows come as soon as it answers."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from loaders.errors import Fault, OutOfCredit, Refused, SourceError
from loaders.pages import TaskPage
from loaders.records import Provider, TaskStatus
from resolvers.tasks import cursor
from resolvers.tasks.filter import TaskQuery
from resolvers.tasks.list import page
from resolvers.tasks.merge import FILLING_CALLS
from tests.resolvers.lists import EPOCH, FAULTS, Listed, Row, World, operation

PIXAI, MESHY, MIDJOURNEY = Provider
PASSING = [name for name, (kind, _) in FAULTS.items() if kind.is_retryable]
LASTING = [name for name, (kind, _) in FAULTS.items() if not kind.is_retryable]
ALL = TaskQuery()


def rows(times: Iterable[int]) -> list[Row]:
    """One each, numbered in their order."""
    return [Row(number, time) for number, time in enumerate(times, 1)]


def three(count: int) -> dict[Provider, World]:
    """Rows by turns: PixAI's at 1, 4, 7…, Meshy's at 2, 5, 8…, Midjourney's at 3, 6, 9…"""
    return {
        provider: World(rows(range(offset, offset + 3 * count, 3)))
        for offset, provider in enumerate(Provider, 1)
    }


def times(found: TaskPage) -> list[int]:
    """Of a page's rows, as the worlds count them."""
    created = [edge.node.created_at for edge in found.edges]
    return [round(time.timestamp() * 1000) % 100_000 for time in created if time is not None]


async def ask(
    worlds: dict[Provider, World], first: int, after: TaskPage | str | None = None, where: TaskQuery = ALL
) -> TaskPage:
    """One page."""
    text = after.end_cursor if isinstance(after, TaskPage) else after
    return await page(operation(worlds), first=first, after=text, where=where)


@pytest.mark.parametrize("fault", FAULTS)
async def test_one_failure_on_the_first_page_costs_no_row(fault: str) -> None:
    """The page after it begins with what was missing, then the order is strict again."""
    worlds = three(4)
    worlds[MESHY].faults = [fault]

    first = await ask(worlds, 4)
    second = await ask(worlds, 5, first)
    third = await ask(worlds, 5, second)

    assert [error.provider for error in first.missing] == [MESHY]
    assert times(first) == [12, 10, 9, 7]
    assert (times(second), second.missing) == ([11, 8, 6, 5, 4], ())
    assert (times(third), third.has_next_page) == ([3, 2, 1], False)


async def test_a_failure_in_the_middle_keeps_what_was_certain() -> None:
    """The first call's last row may have neighbours in the failed one: it waits; the others go on."""
    worlds = {
        PIXAI: World(rows(range(2, 401, 2))),
        MESHY: World(rows(range(161, 400, 2)), faults=["", "fault"]),  # 50 a call: 399 … 301
    }

    first = await ask(worlds, 100)
    second = await ask(worlds, 5, first)

    assert times(first) == [*range(400, 301, -1), 300]
    assert [error.provider for error in first.missing] == [MESHY]
    assert (times(second), second.missing) == ([301, 299, 298, 297, 296], ())


async def test_every_row_of_a_page_leads_on_from_itself() -> None:
    """Also the first rows of a source that catches up: `edges.cursor` holds both places."""
    worlds = three(4)
    worlds[MESHY].faults = ["fault"]
    first = await ask(worlds, 4)
    second = await ask(worlds, 5, first)

    shown = [times(await ask(worlds, 2, edge.cursor)) for edge in second.edges]

    assert times(second) == [11, 8, 6, 5, 4]
    assert shown == [[8, 6], [6, 5], [5, 4], [4, 3], [3, 2]]


async def test_a_list_of_fewer_sources_keeps_the_places_of_the_others() -> None:
    """A client that narrows its filter for a page, and widens it again, loses nothing of theirs."""
    worlds = three(4)
    worlds[MESHY].failing = "fault"
    first = await ask(worlds, 4)
    narrow = await ask(worlds, 1, first, TaskQuery(providers=frozenset({PIXAI})))
    worlds[MESHY].failing = ""

    found = await ask(worlds, 3, narrow)

    assert (times(narrow), times(found)) == ([4], [11, 8, 5])
    hints = [cursor.decode(shown.end_cursor or "").hints for shown in (first, narrow)]
    assert hints[0][MIDJOURNEY] == hints[1][MIDJOURNEY]


async def test_catching_up_costs_the_others_no_more_than_their_call() -> None:
    """PixAI and Midjourney have nothing to add yet: how far their calls have come is all the same."""
    worlds = three(250)
    worlds[MESHY].failing = "fault"
    pages = [await ask(worlds, 100)]
    for _ in range(3):
        pages.append(await ask(worlds, 100, pages[-1]))
    worlds[MESHY].failing = ""
    calls = [world.calls for world in worlds.values()]
    far = cursor.decode(pages[-1].end_cursor or "")
    half_way = cursor.Position(False, -(EPOCH + 400) * 1000, "")
    from_the_front = cursor.encode(cursor.Cursor(far.position, {MESHY: half_way}, {MESHY: "3"}))

    second = await ask(worlds, 30, from_the_front)

    assert {edge.node.provider for edge in second.edges} == {MESHY}
    assert [world.calls for world in worlds.values()] == [count + 1 for count in calls]


@pytest.mark.parametrize("fault", PASSING)
async def test_the_list_goes_on_while_a_failure_may_pass(fault: str) -> None:
    """Where only that source may have more, the next page is its error, until it answers."""
    worlds = three(2)
    worlds[MIDJOURNEY].failing = fault

    first = await ask(worlds, 20)
    with pytest.raises(FAULTS[fault][0]):
        await ask(worlds, 20, first)
    worlds[MIDJOURNEY].failing = ""
    second = await ask(worlds, 20, first)

    assert (times(first), first.has_next_page) == ([5, 4, 2, 1], True)
    assert (times(second), second.has_next_page, second.missing) == ([6, 3], False, ())


@pytest.mark.parametrize("fault", LASTING)
async def test_a_source_that_cannot_serve_counts_as_exhausted(fault: str) -> None:
    """It is named, and the list ends without it; before that, its rows come if it serves again."""
    worlds = three(2)
    worlds[MIDJOURNEY].failing = fault

    ended = await ask(worlds, 20)
    first = await ask(worlds, 2)
    worlds[MIDJOURNEY].failing = ""
    second = await ask(worlds, 20, first)

    assert (times(ended), ended.has_next_page) == ([5, 4, 2, 1], False)
    assert [type(error) for error in ended.missing] == [FAULTS[fault][0]]
    assert (times(first), times(second)) == ([5, 4], [6, 3, 2, 1])


@pytest.mark.parametrize(
    ("pixai", "meshy", "error"),
    [
        ("refused", "out of credit", Refused),
        ("refused", "fault", Fault),
        ("out of credit", "out of credit", OutOfCredit),
    ],
)
async def test_where_no_source_answers_the_list_is_an_error(
    pixai: str, meshy: str, error: type[SourceError]
) -> None:
    """One that may pass is told before one that will not."""
    worlds = three(2)
    del worlds[MIDJOURNEY]
    worlds[PIXAI].failing, worlds[MESHY].failing = pixai, meshy

    with pytest.raises(error):
        await ask(worlds, 20)


async def test_an_empty_account_beside_a_failing_one_is_no_empty_page() -> None:
    """A page with nothing on it would lead to itself: it is the error of the one that is left."""
    worlds = {PIXAI: World(), MESHY: World(rows([1]), faults=["fault"])}

    with pytest.raises(Fault):
        await ask(worlds, 20)
    found = await ask(worlds, 20)

    assert (times(found), found.has_next_page) == ([1], False)


@pytest.mark.parametrize("provider", Provider)
async def test_the_last_page_ends_with_its_last_row(provider: Provider) -> None:
    """A client that asks on from there gets an empty page, whose end is the same place."""
    worlds = {provider: World(rows([1, 2]))}

    found = await ask(worlds, 20)
    after = await ask(worlds, 20, found)

    assert (times(found), found.has_next_page) == ([2, 1], False)
    assert found.end_cursor == found.edges[-1].cursor
    assert (after.edges, after.has_next_page) == ((), False)
    assert cursor.decode(after.end_cursor or "").position == cursor.decode(found.end_cursor or "").position


async def test_an_empty_list_is_an_empty_page() -> None:
    """Without a place to go on from."""
    found = await ask({PIXAI: World(), MESHY: World()}, 20)

    assert (found.edges, found.has_next_page, found.end_cursor, found.missing) == ((), False, None, ())


async def far_in(worlds: dict[Provider, World]) -> TaskPage:
    """The second page: its cursor says where PixAI's list goes on."""
    second = await ask(worlds, 20, await ask(worlds, 100))
    assert PIXAI in cursor.decode(second.end_cursor or "").hints
    return second


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
    """new-api keeps both; the page, and what is remembered of the task, is the one that came last."""
    older, newer = Row(1, 5, "FAILURE", key="7"), Row(2, 5 + apart, "SUCCESS", key="7")
    worlds = {MIDJOURNEY: World([older, newer, Row(3, 30), Row(4, 31)])}
    context = operation(worlds)

    found = await page(context, first=20, after=None, where=ALL)

    account = context.account(MIDJOURNEY)
    assert isinstance(account, Listed)
    assert [edge.node.key for edge in found.edges] == ["4", "3", "7"]
    assert found.edges[-1].node.status is TaskStatus.SUCCEEDED
    assert [row.status for step in account.remembered for row in step if row.key == "7"] == [
        TaskStatus.SUCCEEDED
    ]


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


async def test_rows_are_told_once_a_step() -> None:
    """By whoever drives the walk, shown or not, so that looking them up costs nothing."""
    worlds = three(3)
    context = operation(worlds)

    await page(context, first=1, after=None, where=ALL)

    for provider in Provider:
        account = context.account(provider)
        assert isinstance(account, Listed)
        assert [len(step) for step in account.remembered] == [3]
