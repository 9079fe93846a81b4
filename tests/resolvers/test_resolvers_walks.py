"""Walking the whole list, page by page, while it changes: every row once, in order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from loaders.errors import TimedOut
from loaders.records import Provider, TaskRecord, TaskStatus
from resolvers.tasks import cursor
from resolvers.tasks.cursor import Position, position
from resolvers.tasks.filter import TaskQuery
from resolvers.tasks.list import page
from resolvers.tasks.merge import TaskPage
from tests.resolvers.lists import Row, World, operation

Worlds = dict[Provider, World]


@st.composite
def worlds(draw: st.DrawFn) -> Worlds:
    """Three lists; often few moments for many rows, so that times are equal within and across them."""
    random = draw(st.randoms(use_true_random=False))
    # a list of one moment has to be read whole for each of its pages: few rows there, many elsewhere
    latest, most = draw(st.sampled_from([(1, 60), (3, 60), (40, 120), (10_000, 300)]))
    found: Worlds = {}
    for provider in Provider:
        count = random.randint(0, most)
        # numbers follow times, as they do at the sources
        times: list[int | None] = [*sorted(random.randint(0, latest) for _ in range(count))]
        if provider is not Provider.PIXAI and random.random() < 0.5:
            times.insert(random.randint(0, len(times)), None)
        found[provider] = World([Row(number, time) for number, time in enumerate(times, 1)])
    return found


@dataclass
class Walk:
    """A client that pages to the end. between: is called after each page."""

    worlds: Worlds
    size: int
    scan_pages: int = 5
    between: Callable[[int], None] = lambda _page: None
    where: TaskQuery = field(default_factory=TaskQuery)
    patient: bool = True  # asks a page again from which a source was missing
    pages: list[TaskPage] = field(default_factory=list)

    def gap(self, number: int) -> tuple[Position, Position]:
        """From where to where a page went."""
        before, here = (self.pages[n].end_cursor for n in (number - 1, number))
        start = cursor.TOP if number == 0 or before is None else cursor.decode(before).position
        return start, start if here is None else cursor.decode(here).position

    @property
    def ended_in_a_gap(self) -> bool:
        """Whether the last page missed a source and had no rows: there is nothing to go on from then."""
        return bool(self.pages[-1].missing) and not self.pages[-1].edges

    async def run(self) -> list[TaskRecord]:
        """The rows as they came."""
        rows: list[TaskRecord] = []
        after: str | None = None
        used: set[str | None] = set()
        for number in range(2000):
            context = operation(self.worlds, self.scan_pages)
            found = await page(context, first=self.size, after=after, where=self.where)
            self.pages.append(found)
            self.between(number)
            if found.missing and self.patient:
                continue
            rows += [edge.node for edge in found.edges]
            assert found.end_cursor not in used or not found.has_next_page, "a page that leads to itself"
            used.add(found.end_cursor)
            after = found.end_cursor
            if not found.has_next_page:
                return rows
        raise AssertionError("the list does not end")


def ids_of(worlds: Worlds) -> set[str]:
    """Every row that is there."""
    heads = {
        Provider.PIXAI: "pixai",
        Provider.MESHY: "meshy:image-to-image",
        Provider.MIDJOURNEY: "midjourney",
    }
    return {f"task:{heads[provider]}:{row.number}" for provider in worlds for row in worlds[provider].rows}


def assert_in_order_once(rows: list[TaskRecord], expected: set[str]) -> None:
    """Those that were expected, each once, by time and id."""
    kept = [row for row in rows if row.id in expected]
    assert [row.id for row in rows] == list(dict.fromkeys(row.id for row in rows))
    assert {row.id for row in kept} == expected
    assert kept == sorted(kept, key=position)


SIZES = st.sampled_from([3, 7, 20, 100])


@settings(max_examples=30, deadline=None)
@given(worlds(), SIZES, st.integers(1, 5))
async def test_a_list_at_rest(worlds: Worlds, size: int, scan_pages: int) -> None:
    """Every row exactly once, newest first, ties by id, unset times last."""
    rows = await Walk(worlds, size, scan_pages).run()

    assert_in_order_once(rows, ids_of(worlds))
    assert len(rows) == len(ids_of(worlds))


@settings(max_examples=30, deadline=None)
@given(worlds(), SIZES, st.integers(1, 5), st.randoms(use_true_random=False))
async def test_rows_come_and_finish_between_pages(
    worlds: Worlds, size: int, scan_pages: int, random: st.DataObject
) -> None:
    """What was there at the start comes once, in order; new tasks stand above the cursor."""
    expected = ids_of(worlds)
    newest = [20_000]

    def between(_page: int) -> None:
        for world in worlds.values():
            for _ in range(random.randint(0, 3)):  # type: ignore[attr-defined]
                newest[0] += random.randint(0, 1)  # type: ignore[attr-defined]
                world.rows.append(Row(len(world.rows) + 1, newest[0]))
            for row in random.sample(world.rows, min(3, len(world.rows))):  # type: ignore[attr-defined]
                row.status = "completed"

    rows = await Walk(worlds, size, scan_pages, between).run()

    assert_in_order_once(rows, expected)


@settings(max_examples=30, deadline=None)
@given(worlds(), SIZES, st.sampled_from(Provider), st.integers(0, 6))
async def test_a_source_fails_on_one_page_and_is_back_on_the_next(
    worlds: Worlds, size: int, ill: Provider, page: int
) -> None:
    """A client that asks the page again, because it names what is missing, gets every row once, in order."""
    worlds[ill].failing = page == 0

    def between(number: int) -> None:
        worlds[ill].failing = number + 1 == page

    rows = await Walk(worlds, size, between=between).run()

    assert_in_order_once(rows, ids_of(worlds))


@settings(max_examples=30, deadline=None)
@given(worlds(), SIZES, st.sampled_from(Provider), st.integers(0, 6))
async def test_a_client_that_does_not_ask_again_loses_that_page_of_that_source_alone(
    worlds: Worlds, size: int, ill: Provider, page: int
) -> None:
    """The others' rows all come; the ill one's go on below the cursor; each at most once, in order."""
    worlds[ill].failing = page == 0

    def between(number: int) -> None:
        worlds[ill].failing = number + 1 == page

    walk = Walk(worlds, size, between=between, patient=False)
    rows = await walk.run()

    others = {provider: world for provider, world in worlds.items() if provider is not ill}
    shown = {row.id for row in rows}
    assert_in_order_once(rows, ids_of(others) | shown)
    lost = ids_of({ill: worlds[ill]}) - shown
    gaps = [walk.gap(number) for number, found in enumerate(walk.pages) if found.missing]
    assert len(gaps) <= 1
    worlds[ill].failing = False
    everything = await Walk({ill: worlds[ill]}, 100).run()
    for row in everything:
        if row.id in lost:
            assert any(first < position(row) <= last for first, last in gaps) or walk.ended_in_a_gap


@settings(max_examples=30, deadline=None)
@given(worlds(), st.integers(1, 50))
async def test_the_first_page_costs_one_call_a_source(worlds: Worlds, size: int) -> None:
    """However many rows there are, as long as they are not of one moment."""
    for world in worlds.values():
        for row in world.rows:
            row.time = row.number
    found = await page(operation(worlds), first=min(size, 49), after=None, where=TaskQuery())

    assert len(found.edges) == min(size, 49, len(ids_of(worlds)))
    assert [world.calls for world in worlds.values()] == [1, 1, 1]


async def test_a_page_ends_with_the_requests_deadline() -> None:
    """Slow calls one after another take no longer than one may; then the page is short."""
    worlds = {provider: World([Row(number, number) for number in range(1, 600)]) for provider in Provider}
    worlds[Provider.PIXAI].pause = 0.05
    context = operation(worlds)
    context.seconds = 0.12

    found = await page(
        context, first=20, after=None, where=TaskQuery(statuses=frozenset({TaskStatus.FAILED}))
    )

    # the deadline falls into a call, which is missing then, or between two
    assert {type(error) for error in found.missing} <= {TimedOut}
    assert worlds[Provider.PIXAI].calls <= 3
    assert (found.edges, found.has_next_page) == ((), True)
    assert found.end_cursor is not None
