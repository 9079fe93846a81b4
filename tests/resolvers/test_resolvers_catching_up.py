"""A source that failed is left behind at its own place, and its rows come as soon as it answers."""

from __future__ import annotations

import pytest

from loaders.errors import Fault, OutOfCredit, Refused, SourceError
from loaders.records import Provider
from resolvers.tasks import cursor
from resolvers.tasks.filter import TaskQuery
from tests.resolvers.catching_up import LASTING, MESHY, MIDJOURNEY, PASSING, PIXAI, ask, rows, three, times
from tests.resolvers.lists import EPOCH, FAULTS, World


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
