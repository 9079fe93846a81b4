"""new-api's list: every row exactly once, whatever the build, the unit, and what happens meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

import pytest

from loaders.listing import Listing
from loaders.midjourney.newapi.list import MORE_ROWS
from loaders.records import TaskRecord
from sandbox import Sandbox
from sandbox.newapi import pages
from tests.loaders.midjourney_served import LIST, T0, at, fill, keys, served


@pytest.fixture(params=[7, 100])
def most(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """The rows that the server gives at most: the real one's, and so few that there are many pages."""
    rows: int = request.param
    monkeypatch.setattr(pages, "MAX_PAGE_SIZE", rows)
    return rows


def times(rows: Iterable[TaskRecord]) -> list[datetime]:
    return [row.created_at for row in rows if row.created_at is not None]


@pytest.mark.parametrize("mode", ["paged", "legacy"])
@pytest.mark.parametrize("unit", ["ms", "s"])
@pytest.mark.parametrize("size", [7, 500])
async def test_whole_world(box: Sandbox, mode: Any, unit: Any, size: int, most: int) -> None:
    """Every row of the user once, newest first."""
    box.newapi.mode, box.newapi.unit = mode, unit
    own = [task for task in box.mj.world if task.listed and task.user == box.newapi.user]
    async with served(box, unit=unit) as mj:
        steps = await mj.steps(Listing(size=size))
        rows = [row for step in steps for row in step.rows]

        assert len(rows) == len({row.key for row in rows}) == len(own)
        assert times(rows) == sorted(times(rows), reverse=True)
        a_page = 10 if mode == "legacy" else min(size + MORE_ROWS, most)
        assert mj.calls() == {LIST: -(-len(own) // a_page) + (mode == "legacy")}
        assert [step.is_last for step in steps] == [False] * (len(steps) - 1) + [True]
        assert [step.total for step in steps] == [None if mode == "legacy" else len(own)] + [None] * (
            len(steps) - 1
        )


async def test_first_page_is_one_call(box: Sandbox) -> None:
    """Each step is one call, made when it is asked for."""
    async with served(box) as mj:
        step = await anext(mj.walk(Listing(size=50)))

        assert len(step.rows) >= 50
        assert mj.calls() == {LIST: 1}


@pytest.mark.parametrize("mode", ["paged", "legacy"])
@pytest.mark.parametrize("unit", ["ms", "s"])
async def test_resumed_by_time(box: Sandbox, mode: Any, unit: Any, most: int) -> None:
    """Later walks begin at a row's time, rows of that very time included: nothing is lost between them."""
    box.newapi.mode, box.newapi.unit = mode, unit
    own = fill(
        box, *[time * 1000 for time in range(0, 30)], *[31_000] * 25, *[time * 1000 for time in range(32, 50)]
    )
    async with served(box, unit=unit) as mj:
        seen: list[str] = []
        before: datetime | None = None
        while len(seen) < len(own):
            new: list[TaskRecord] = []
            async for step in mj.walk(Listing(size=7, before=before)):
                new += [row for row in step.rows if row.key not in seen]
                if len(new) >= 7:
                    break
            seen += [row.key for row in new[:7]]
            before = times(new[:7])[-1]

        assert seen == own


async def test_equal_times_across_pages(box: Sandbox, most: int) -> None:
    """Sixty rows of one instant, seven per page."""
    own = fill(box, *[0] * 60)
    async with served(box) as mj:
        assert keys(await mj.steps(Listing(size=7))) == own
        assert keys(await mj.steps(Listing(size=7, before=at(T0), since=at(T0)))) == own
        assert keys(await mj.steps(Listing(size=7, before=at(T0 - 1)))) == []


@pytest.mark.parametrize("mode", ["paged", "legacy"])
@pytest.mark.parametrize("bounded", [False, True])
async def test_rows_inserted_between_steps(box: Sandbox, mode: Any, bounded: bool, most: int) -> None:
    """New rows push others down a page, so that they come twice; none is missing."""
    box.newapi.mode = mode
    own = fill(box, *range(0, 3000, 50))
    async with served(box) as mj:
        listing = Listing(size=7, before=at(T0 + 2950) if bounded else None)
        seen: list[str] = []
        count = 0
        async for step in mj.walk(listing):
            seen += [row.key for row in step.rows]
            count += 1
            if count < 5:
                for when in (4000 + count, 4000 + count, 1000):  # the last one late, below the bound
                    box.mj.world.insert(submit=T0 + when)

        assert [key for key in dict.fromkeys(seen) if key in own] == own


async def test_rows_out_of_step(box: Sandbox, most: int) -> None:
    """Rows are numbered as they are stored: one that is older than its number waits for its turn."""
    fill(box, 0, 1000, 2000, 4000, 3000, 5000, 6000, 500, 8000)
    async with served(box) as mj:
        rows = [row for step in await mj.steps(Listing(size=3)) for row in step.rows]

        assert times(rows) == sorted(times(rows), reverse=True)
        assert len(rows) == 9


async def test_since(box: Sandbox) -> None:
    """Older rows are not asked for; the bound belongs to it."""
    own = fill(box, 0, 1000, 2000, 3000)
    async with served(box) as mj:
        assert keys(await mj.steps(Listing(size=10, since=at(T0 + 1000)))) == own[:3]
        assert keys(await mj.steps(Listing(size=10, since=at(T0 + 1001), before=at(T0 + 2000)))) == own[1:2]


async def test_bounds_between_two_units(box: Sandbox) -> None:
    """A server that counts seconds gets whole ones, inside the bounds."""
    box.newapi.unit = "s"
    own = fill(box, 0, 1000, 2000, 3000)
    async with served(box, unit="s") as mj:
        listing = Listing(size=10, since=at(T0 + 500), before=at(T0 + 2999))
        assert keys(await mj.steps(listing)) == own[1:3]


@pytest.mark.parametrize("mode", ["paged", "legacy"])
async def test_rows_without_a_time(box: Sandbox, mode: Any, most: int) -> None:
    """They come at the end of a walk, wherever they stand; one may also begin with them."""
    box.newapi.mode = mode
    own = fill(box, *range(0, 2000, 100))
    unset = [box.mj.world.insert(submit=0, id=f"unset{index}").id for index in range(12)][::-1]
    async with served(box) as mj:
        assert keys(await mj.steps(Listing(size=7))) == [*own, *unset]
        assert keys(await mj.steps(Listing(size=7, before=at(T0 + 1000)))) == [*own[9:], *unset]
        assert keys(await mj.steps(Listing(size=7, from_unset=True))) == unset


@pytest.mark.parametrize(
    ("change", "rows"),
    [
        (lambda box: setattr(box.newapi, "null_items", True), 0),
        (lambda box: box.mj.world.clear(), 0),
    ],
)
@pytest.mark.parametrize("mode", ["paged", "legacy"])
async def test_nothing_there(box: Sandbox, mode: Any, change: Callable[[Sandbox], None], rows: int) -> None:
    """No items and null items are an empty list."""
    box.newapi.mode = mode
    change(box)
    async with served(box) as mj:
        assert len(keys(await mj.steps(Listing(size=10)))) == rows


async def test_a_build_that_changes(box: Sandbox) -> None:
    """An update from legacy to paged, and back, is noticed by the next answer."""
    own = fill(box, *range(0, 2500, 100))
    async with served(box) as mj:
        for mode in ("legacy", "paged", "legacy"):
            box.newapi.mode = mode
            assert keys(await mj.steps(Listing(size=10))) == own


async def test_a_size_that_is_cut_down(box: Sandbox) -> None:
    """Never more than a hundred are asked for; the page size that counts is the one that came."""
    own = fill(box, *range(0, 25000, 100))
    async with served(box) as mj:
        steps = await mj.steps(Listing(size=1000))

        assert len(steps) == 3
        assert keys(steps) == own


async def test_a_page_tells_nothing_of_its_last_moments(box: Sandbox) -> None:
    """Rows within SKEW of a page's end wait for the next one: some of it may belong before them."""
    box.newapi.mode = "legacy"
    fill(box, *range(1, 11), 100, 101, 102, 99, 103, 104, 105, 106, 140, 141)
    async with served(box) as mj:
        first, *others = [times(step.rows) for step in await mj.steps(Listing(size=5))]
        rest = [row for step in others for row in step]

        assert first == [at(T0 + 141), at(T0 + 140)]
        assert len(rest) == 18
        assert rest == sorted(rest, reverse=True)


async def test_a_second_where_times_are_whole_ones(box: Sandbox) -> None:
    """A server that rounds may put rows of one instant a second apart."""
    box.newapi.mode, box.newapi.unit = "legacy", "s"
    fill(box, *[0] * 9, 1000, 0, *[1000] * 8, 3000)
    async with served(box, unit="s") as mj:
        rows = [row for step in await mj.steps(Listing(size=5)) for row in step.rows]

        assert times(rows) == sorted(times(rows), reverse=True)
        assert len(rows) == 20


@pytest.mark.parametrize("mode", ["paged", "legacy"])
@pytest.mark.parametrize("before", [None, 5000])
@pytest.mark.parametrize("unset", [True, False])
async def test_hints(box: Sandbox, mode: Any, before: int | None, unset: bool, most: int) -> None:
    """From each a later walk finds all that its step brought, or all that was still to come after it."""
    box.newapi.mode = mode
    fill(box, *range(0, 3000, 50), *[3000] * 30, *range(3001, 3031), 4000)
    if unset:  # it waits for the end, and is found again from every hint
        box.mj.world.insert(submit=0)
    bound = None if before is None else at(T0 + before)
    async with served(box) as mj:
        steps = await mj.steps(Listing(size=7, before=bound))
        later: dict[str | None, set[str]] = {}
        for hint in {hint for step in steps for hint in (step.hint, step.next_hint)}:
            later[hint] = {
                key async for step in mj.walk(Listing(size=20, before=bound), hint) for key in keys([step])
            }
        for number, step in enumerate(steps):
            assert set(keys(steps[number:])) <= later[step.hint]
            assert set(keys(steps[number + 1 :])) <= later[step.next_hint]
        assert mj.calls()[LIST] > len(steps)
        if len(steps) > 5:
            assert (len({step.hint for step in steps}) > 3) is not unset  # they lead further


async def test_a_hint_of_another_bound(box: Sandbox) -> None:
    """Its page means nothing there: the time finds the place, from the first page on."""
    own = fill(box, *range(0, 3000, 10))
    async with served(box) as mj:
        for hint in (
            *(f"{T0 + 100}:3:100", ":3:100", f"{T0 + 2000}:0:100", f"{T0 + 2000}:2:0", f"{T0 + 2000}:2:101"),
            *("", "x", "5", "::", f"{T0 + 2000}:-2:100", f"{T0 + 2000}:²:100", f"{T0 + 2000}:2", "9" * 400),
        ):
            walk = mj.walk(Listing(size=7, before=at(T0 + 2000)), hint)
            assert (await anext(walk)).rows[0].key == own[99]
        walk = mj.walk(Listing(size=7, before=at(T0 + 2000)), f"{T0 + 2000}:2:50")
        assert (await anext(walk)).rows[0].key == own[149]
