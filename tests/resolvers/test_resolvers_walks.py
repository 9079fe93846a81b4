"""Walking the whole list, page by page, while it changes and its sources fail: every row once, in order.

The small profile runs in `make test`, the long one (thousands of worlds) in `make test-long`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders.errors import SourceError
from loaders.pages import TaskPage
from loaders.records import Provider, TaskRecord, TaskStatus
from resolvers.tasks.cursor import TOP, Position, position
from resolvers.tasks.filter import TaskQuery
from resolvers.tasks.list import page
from tests.resolvers.lists import EPOCH, FAULTS, Row, World, operation

Worlds = dict[Provider, World]
SIZES = st.integers(1, 100) | st.sampled_from([1, 3, 20, 100])
RANDOM = st.randoms(use_true_random=False)
HEADS = {
    Provider.PIXAI: "task:pixai",
    Provider.MESHY: "task:meshy:image-to-image",
    Provider.MIDJOURNEY: "task:midjourney",
}


@st.composite
def worlds(draw: st.DrawFn) -> Worlds:
    """Three lists; often few moments for many rows, so that times are equal within and across them."""
    random = draw(RANDOM)
    # a list of one moment has to be read whole for each of its pages: few rows there, many elsewhere
    latest, most = draw(st.sampled_from([(1, 60), (3, 60), (40, 120), (10_000, 200)]))
    found: Worlds = {}
    for provider in Provider:
        count = random.randint(0, most)
        # numbers follow times, as they do at the sources
        times: list[int | None] = [*sorted(random.randint(0, latest) for _ in range(count))]
        for _ in range(random.choice([0, 1, 4]) if provider is not Provider.PIXAI else 0):
            times.insert(random.randint(0, len(times)), None)
        statuses = random.choices(["running", "completed"], [1, 4], k=len(times))
        rows = zip(range(1, len(times) + 1), times, statuses, strict=True)
        found[provider] = World([Row(*row) for row in rows])
    return found


def moment(time: int) -> datetime:
    """As a client writes it."""
    return datetime.fromtimestamp(EPOCH // 1000, UTC) + timedelta(milliseconds=time)


def ids_of(world: World, provider: Provider) -> set[str]:
    """Every row that is there."""
    return {f"{HEADS[provider]}:{row.key}" for row in world.rows}


@dataclass
class Walk:
    """A client that pages to the end, and asks a page again that was an error. between: after each page."""

    worlds: Worlds
    size: int
    where: TaskQuery = field(default_factory=TaskQuery)
    between: Callable[[], None] = lambda: None
    pages: list[TaskPage] = field(default_factory=list)
    failures: list[SourceError] = field(default_factory=list)

    async def run(self) -> list[TaskRecord]:
        """The rows as they came."""
        after: str | None = None
        rows = sum(len(world.rows) for world in self.worlds.values())
        faults = sum(len(world.faults) for world in self.worlds.values())
        for _ in range(2 * rows + faults + 2):
            try:
                found = await page(operation(self.worlds), first=self.size, after=after, where=self.where)
            except SourceError as error:
                self.failures.append(error)
                self.between()
                continue
            self.pages.append(found)
            self.between()
            after = found.end_cursor
            if not found.has_next_page:
                return [edge.node for shown in self.pages for edge in shown.edges]
            assert found.edges, "an empty page is the last"
        raise AssertionError("the list does not end")

    def assert_order(self) -> None:
        """Strict, but for the first rows of a source that was missing on an earlier page."""
        foremost: Position = TOP
        behind: set[Provider] = set()
        for shown in self.pages:
            places = [position(edge.node) for edge in shown.edges]
            assert places == sorted(set(places)), "each page is in order"
            for edge, place in zip(shown.edges, places, strict=True):
                if place > foremost:
                    foremost = place
                    behind.discard(edge.node.provider)
                assert place == foremost or edge.node.provider in behind
            behind |= {error.provider for error in shown.missing}

    def complete(self) -> set[Provider]:
        """The sources that did not stay away to the end. Those that did cannot serve, and are named."""
        missing = self.pages[-1].missing
        assert not any(error.retryable for error in missing), "what may pass keeps the list going"
        return set(Provider) - {error.provider for error in missing}


def assert_once(walk: Walk, rows: list[TaskRecord], stayed: dict[Provider, set[str]]) -> None:
    """Each row at most once, and every row that stayed at a source that did."""
    shown = [row.id for row in rows]
    assert len(shown) == len(set(shown))
    for provider in walk.complete():
        assert stayed[provider] <= set(shown)


@given(worlds(), SIZES)
async def test_a_list_at_rest(worlds: Worlds, size: int) -> None:
    """Every row exactly once, newest first, ties by id, unset times last; only the last page is short."""
    walk = Walk(worlds, size)

    rows = await walk.run()

    assert {row.id for row in rows} == set().union(*(ids_of(worlds[name], name) for name in Provider))
    assert [position(row) for row in rows] == sorted({position(row) for row in rows})
    assert all(len(shown.edges) == size for shown in walk.pages[:-1])


@given(worlds(), SIZES, RANDOM, st.booleans(), st.sampled_from([0.05, 0.4]))
async def test_sources_fail_on_any_page_while_rows_come_go_and_finish(
    worlds: Worlds, size: int, random: Random, is_changing: bool, share: float
) -> None:
    """Whatever fails, and whenever: every row that stayed comes once, and the walk ends."""
    for world in worlds.values():
        world.faults = [random.choice([*FAULTS]) if random.random() < share else "" for _ in range(40)]
    stayed = {provider: ids_of(world, provider) for provider, world in worlds.items()}
    numbers = {provider: len(world.rows) for provider, world in worlds.items()}

    def between() -> None:
        for provider, world in worlds.items() if is_changing else ():
            if random.random() < 0.2:
                numbers[provider] += 1
                world.rows.append(Row(numbers[provider], random.choice([10_000, 20_000])))
            for row in random.sample(world.rows, min(2, len(world.rows))):
                row.status = "completed"
            # new-api deletes no rows; Meshy's pages are numbers, and are found again by time
            if provider is not Provider.MIDJOURNEY and world.rows and random.random() < 0.5:
                gone = world.rows.pop(random.randrange(len(world.rows)))
                stayed[provider].discard(f"{HEADS[provider]}:{gone.key}")

    walk = Walk(worlds, size, between=between)

    rows = await walk.run()

    assert_once(walk, rows, stayed)
    walk.assert_order()


@given(worlds(), SIZES, RANDOM)
async def test_a_filter_applied_here_leaves_no_page_empty(worlds: Worlds, size: int, random: Random) -> None:
    """Few rows of many are wanted, and sources fail: the wanted come once, each page has one."""
    for world in worlds.values():
        world.faults = [random.choice([*FAULTS]) if random.random() < 0.1 else "" for _ in range(40)]
    walk = Walk(worlds, size, where=TaskQuery(statuses=frozenset({TaskStatus.RUNNING})))

    rows = await walk.run()

    wanted = {
        provider: {f"{HEADS[provider]}:{row.key}" for row in world.rows if row.status == "running"}
        for provider, world in worlds.items()
    }
    assert_once(walk, rows, wanted)
    assert {row.id for row in rows} <= set().union(*wanted.values())
    walk.assert_order()


@given(worlds(), SIZES, RANDOM)
async def test_a_span_of_time_ends_where_it_ends(worlds: Worlds, size: int, random: Random) -> None:
    """From its first moment on, up to but without its last; rows without a time are in none."""
    moments = sorted({row.time for world in worlds.values() for row in world.rows if row.time is not None})
    first, last = sorted(random.choices(moments or [0], k=2))
    for world in worlds.values():
        world.faults = [random.choice([*FAULTS]) if random.random() < 0.1 else "" for _ in range(40)]
    walk = Walk(worlds, size, where=TaskQuery(created_after=moment(first), created_before=moment(last + 1)))

    rows = await walk.run()

    wanted = {
        provider: {
            f"{HEADS[provider]}:{row.key}"
            for row in world.rows
            if row.time is not None and first <= row.time <= last
        }
        for provider, world in worlds.items()
    }
    assert_once(walk, rows, wanted)
    assert {row.id for row in rows} <= set().union(*wanted.values())
    walk.assert_order()


@pytest.mark.parametrize("ill", Provider)
@given(worlds=worlds(), size=SIZES, first=st.integers(0, 4), last=st.integers(0, 4))
async def test_a_source_that_is_away_for_some_pages_catches_up(
    worlds: Worlds, size: int, ill: Provider, first: int, last: int
) -> None:
    """Its rows come first on the page that it is back on; the others' are never held up."""
    walk = Walk(worlds, size)

    def away() -> None:
        number = len(walk.pages) + len(walk.failures)
        worlds[ill].failing = "fault" if first <= number <= first + last else ""

    walk.between = away
    away()

    rows = await walk.run()

    assert {row.id for row in rows} == set().union(*(ids_of(worlds[name], name) for name in Provider))
    assert len(rows) == len({row.id for row in rows})
    walk.assert_order()
    assert {error.provider for shown in walk.pages for error in shown.missing} <= {ill}


@given(worlds(), st.integers(1, 50))
async def test_the_first_page_costs_one_call_a_source(worlds: Worlds, size: int) -> None:
    """However many rows there are, as long as they are not of one moment."""
    for world in worlds.values():
        for row in world.rows:
            row.time = row.number
    found = await page(operation(worlds), first=min(size, 49), after=None, where=TaskQuery())

    assert len(found.edges) == min(size, 49, sum(len(world.rows) for world in worlds.values()))
    assert [world.calls for world in worlds.values()] == [1, 1, 1]
