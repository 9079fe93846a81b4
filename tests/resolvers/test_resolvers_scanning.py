"""How long a page is looked for: until it has a row, a source's deadline, or the request's."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from loaders.errors import TimedOut
from loaders.records import Provider, TaskStatus
from resolvers.context import RequestContext
from resolvers.tasks.cursor import Cursor, Position, encode
from resolvers.tasks.filter import TaskQuery
from resolvers.tasks.list import page
from tests.resolvers.lists import EPOCH, Row, World, operation

FAILED = TaskQuery(statuses=frozenset({TaskStatus.FAILED}))
PIXAI, MESHY, MIDJOURNEY = Provider


async def walked(
    worlds: dict[Provider, World], context: RequestContext, where: TaskQuery
) -> tuple[int, list[str]]:
    """Pages to the end, and the rows on them."""
    after: str | None = None
    rows: list[str] = []
    for number in range(1, 1000):
        found = await page(context.next_operation(), first=20, after=after, where=where)
        rows += [edge.node.key for edge in found.edges]
        assert found.missing == ()
        assert found.end_cursor != after
        after = found.end_cursor
        if not found.has_next_page:
            return number, rows
    raise AssertionError("the list does not end")


async def test_a_page_without_a_row_ends_with_the_sources_deadline_and_the_next_goes_on() -> None:
    """Every page comes further, so that the one wanted row, the last of all, is reached."""
    some = [Row(number, number, "failed" if number == 1 else "completed") for number in range(1, 1001)]
    worlds = {MESHY: World(some, pause=0.02)}

    pages, rows = await walked(worlds, operation(worlds, source_deadline=0.05), FAILED)

    assert rows == ["image-to-image:1"]
    assert pages > 1


@pytest.mark.parametrize("provider", [PIXAI, MESHY])
async def test_a_walk_that_has_lost_its_place_finds_it_again_page_by_page(provider: Provider) -> None:
    """The calls that only look for it bring the cursor further, too: no page repeats them."""
    worlds = {provider: World([Row(number, number) for number in range(1, 1001)], pause=0.02)}
    context = operation(worlds, source_deadline=0.05)
    after: str | None = encode(Cursor(Position(False, -(EPOCH + 10) * 1000, "")))

    pages = [await page(context, first=20, after=after, where=TaskQuery())]
    while pages[-1].has_next_page:
        after = pages[-1].end_cursor
        pages.append(await page(context.next_operation(), first=20, after=after, where=TaskQuery()))

    shown = [edge.node.provider_id for found in pages for edge in found.edges]
    assert shown == [f"{number}" for number in range(10, 0, -1)]
    assert len(pages) > 2
    assert worlds[provider].calls < 50


async def test_an_empty_page_that_came_further_is_no_error_of_the_source_that_failed() -> None:
    """There is more to look through without it: the next page goes on from here."""
    some = [Row(number, number, "failed" if number == 1 else "completed") for number in range(1, 1001)]
    worlds = {MESHY: World(some, pause=0.02), MIDJOURNEY: World(failing="fault")}

    found = await page(operation(worlds, source_deadline=0.05), first=20, after=None, where=FAILED)

    assert (found.edges, found.has_next_page) == ((), True)
    assert [error.provider for error in found.missing] == [MIDJOURNEY]
    assert found.end_cursor is not None


async def test_rows_without_a_time_are_gone_on_with_at_once() -> None:
    """They come last: a page that begins among them does not look through all others again."""
    timed = [Row(number, number) for number in range(1, 301)]
    worlds = {MIDJOURNEY: World([*timed, *(Row(number, None) for number in range(301, 306))])}
    start = encode(Cursor(Position(True, 0, "task:midjourney:302")))

    found = await page(operation(worlds), first=2, after=start, where=TaskQuery())

    assert [edge.node.key for edge in found.edges] == ["303", "304"]
    assert worlds[MIDJOURNEY].calls == 1


async def test_a_span_of_time_costs_the_calls_that_it_lies_in() -> None:
    """A page in the middle begins there, and what is older than the span is not looked at."""
    worlds = {MIDJOURNEY: World([Row(number, number) for number in range(1, 2001)])}
    since, until = (datetime.fromtimestamp((EPOCH + time) / 1000, UTC) for time in (996, 1990))
    start = encode(Cursor(Position(False, -(EPOCH + 1000) * 1000, "")))
    where = TaskQuery(created_after=since, created_before=until)

    found = await page(operation(worlds), first=20, after=start, where=where)

    assert [edge.node.key for edge in found.edges] == ["1000", "999", "998", "997", "996"]
    assert (found.has_next_page, worlds[MIDJOURNEY].calls) == (False, 1)


async def test_one_moment_takes_as_many_calls_as_it_takes() -> None:
    """A page that came nowhere would lead to itself: it goes on beyond the source's deadline."""
    worlds = {MESHY: World([Row(number, 5) for number in range(1, 301)], pause=0.01)}

    found = await page(operation(worlds, source_deadline=0.001), first=20, after=None, where=TaskQuery())

    assert (len(found.edges), worlds[MESHY].calls) == (20, 7)


async def test_a_page_ends_with_the_requests_deadline() -> None:
    """A call that is under way then is a time-out, and the page shows what it has."""
    worlds = {PIXAI: World([Row(1, 1)], pause=30.0), MESHY: World([Row(1, 1)])}

    found = await page(operation(worlds, seconds=0.05), first=20, after=None, where=TaskQuery())

    assert [edge.node.provider for edge in found.edges] == [MESHY]
    assert [type(error) for error in found.missing] == [TimedOut]
    assert found.has_next_page


async def test_a_source_that_takes_its_time_to_fail_leaves_the_others_theirs() -> None:
    """Without that, the page would be empty: the wanted row takes a second call."""
    some = [Row(number, number, "failed" if number == 1 else "completed") for number in range(1, 131)]
    worlds = {PIXAI: World(pause=0.6, failing="timed out"), MESHY: World(some)}

    found = await page(operation(worlds, source_deadline=0.5), first=20, after=None, where=FAILED)

    assert [edge.node.key for edge in found.edges] == ["image-to-image:1"]


async def test_a_list_of_which_nothing_answers_in_time_is_an_error() -> None:
    """Not an empty page."""
    worlds = {PIXAI: World([Row(1, 1)], pause=30.0), MESHY: World([Row(1, 1)], pause=30.0)}

    with pytest.raises(TimedOut):
        await page(operation(worlds, seconds=0.05), first=20, after=None, where=TaskQuery())
