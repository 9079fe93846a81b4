"""Walking Meshy's list: every row once, in its order, from any page, while it changes."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

import sandbox
from loaders.errors import Throttled
from loaders.listing import Listing, ListStep
from loaders.records import TaskRecord
from sandbox import Sandbox
from tests.loaders.meshy_served import Served
from tests.sandbox.requests_meshy import IMAGES, Meshy, asking

LIST = "GET /openapi/v1/image-to-image"
ALL = Listing(size=20)
EDIT = {
    "ai_model": "nano-banana",
    "prompt": "Carve it from driftwood",
    "reference_image_urls": ["https://example.test/a.png"],
}


@pytest.fixture
async def box() -> AsyncIterator[Sandbox]:
    """At one moment, so that a row is the same in every walk."""
    async with sandbox.start(clock=sandbox.Clock(time.time())) as started:
        yield started


@pytest.fixture
async def other(box: Sandbox) -> AsyncIterator[Meshy]:
    """Someone else with the same key, who changes things."""
    async with asking(box.meshy) as client:
        yield client


async def _walk(meshy: Served, listing: Listing = ALL, hint: str | None = None) -> list[ListStep]:
    return [step async for step in meshy.walk(listing, hint)]


def _rows(steps: list[ListStep]) -> list[TaskRecord]:
    """Without repetitions, as whoever merges sees them."""
    return list({row.key: row for step in steps for row in step.rows}.values())


async def test_a_walk_is_every_row_once_in_the_sources_order(meshy: Served, other: Meshy) -> None:
    """Eleven pages of 50, one call each, the newest first; the last one is short and ends it."""
    steps = await _walk(meshy)
    calls = meshy.upstream.requests[LIST]

    ids = [row.provider_id for step in steps for row in step.rows]
    oldest_first = [row["id"] for page in range(1, 12) for row in await _page(other, page)]
    assert ids == oldest_first[::-1]
    assert len(ids) == len(set(ids)) >= 450
    assert [step.hint for step in steps] == [str(number) for number in range(1, len(steps) + 1)]
    assert [step.is_last for step in steps] == [False] * (len(steps) - 1) + [True]
    assert calls == len(steps) == -(-len(ids) // 50)


async def _page(other: Meshy, number: int) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = await other.rows(f"page_num={number}&page_size=50&sort_by=%2Bcreated_at")
    return rows


async def test_each_step_is_one_call(meshy: Served) -> None:
    """Nothing is read ahead."""
    walk = meshy.walk(ALL)
    counts = []
    for _ in range(3):
        await anext(walk)
        counts.append(meshy.upstream.requests[LIST])

    assert counts == [1, 2, 3]


async def test_rows_of_a_list_are_known_tasks(meshy: Served) -> None:
    """Finished ones are not asked for again."""
    (first, *_) = await _walk(meshy)
    finished = [row.key for row in first.rows if row.is_terminal]

    found = await meshy.tasks(*finished)

    assert list(found) == finished
    assert "GET /openapi/v1/image-to-image/{id}" not in meshy.upstream.requests


async def test_a_full_last_page_takes_one_more_call(meshy: Served, other: Meshy) -> None:
    """Nothing tells that it was the last."""
    count = len(_rows(await _walk(meshy)))
    for row in (await _page(other, 1))[: count % 50]:
        await other.ask(f"{IMAGES}/{row['id']}", "DELETE")
    meshy.upstream.reset()

    steps = await _walk(meshy)

    assert [len(step.rows) for step in steps[-2:]] == [50, 0]
    assert meshy.upstream.requests[LIST] == count // 50 + 1


async def test_a_walk_ends_where_rows_are_older_than_since(meshy: Served) -> None:
    """The page on which it happens is the last."""
    whole = await _walk(meshy)
    since = whole[2].rows[10].created_at

    steps = await _walk(meshy, Listing(size=20, since=since))

    assert steps == [*whole[:2], replace(whole[2], is_last=True)]


async def test_a_walk_from_a_hint_starts_at_its_step(meshy: Served) -> None:
    """With a row of that page as the last one seen, no call is spent on going back."""
    whole = await _walk(meshy)
    meshy.upstream.reset()

    steps = await _walk(meshy, Listing(size=20, before=whole[1].rows[20].created_at), hint=whole[1].hint)

    assert steps == whole[1:]
    assert meshy.upstream.requests[LIST] == len(whole) - 1


async def test_what_follows_a_step_is_looked_for_from_its_page_on(meshy: Served, other: Meshy) -> None:
    """All rows of page 1 were seen, then one of them goes: the first of page 2 is now the last of page 1."""
    whole = await _walk(meshy)
    await other.ask(f"{IMAGES}/{whole[0].rows[0].provider_id}", "DELETE")

    steps = await _walk(meshy, Listing(size=20, before=whole[0].rows[-1].created_at), hint=whole[0].next_hint)

    assert steps[0].rows[-1].key == whole[1].rows[0].key
    assert meshy.upstream.requests[LIST] == len(whole) + len(steps)


@pytest.mark.parametrize("hint", ["", "0", "-1", "two", "1.5", "٢", " 2", "9" * 10, "1" * 5000])
async def test_a_bad_hint_is_page_one(meshy: Served, hint: str) -> None:
    """It came through a client."""
    step = await anext(meshy.walk(ALL, hint))

    assert step.hint == "1"


async def test_a_hint_beyond_the_end_goes_back_to_the_rows(meshy: Served) -> None:
    """Empty steps, one call each, until a page that is not too late."""
    whole = await _walk(meshy)
    end = len(whole)

    steps = await _walk(meshy, hint=str(end + 2))

    assert [(step.hint, len(step.rows)) for step in steps[:2]] == [(str(end + 1), 0), (str(end), 0)]
    assert steps[2:] == whole[-1:]


async def test_rows_deleted_before_a_resumed_walk_are_made_up_for(meshy: Served, other: Meshy) -> None:
    """Everything has moved up past the hint's page: it goes back, and no row is lost."""
    whole = await _walk(meshy)
    last_seen = whole[1].rows[4]
    for row in whole[0].rows[:30]:
        await other.ask(f"{IMAGES}/{row.provider_id}", "DELETE")

    steps = await _walk(meshy, Listing(size=20, before=last_seen.created_at), hint=whole[1].hint)

    ordered = _rows(whole)
    wanted = ordered[ordered.index(last_seen) :]
    found = [row.key for row in _rows(steps)]
    assert (steps[0].hint, steps[0].rows) == ("1", ())
    assert found[found.index(last_seen.key) :] == [row.key for row in wanted]


async def test_rows_inserted_during_a_walk_repeat_some_and_lose_none(meshy: Served, other: Meshy) -> None:
    """Seven new ones between the first and the second step."""
    before = _rows(await _walk(meshy))
    walk = meshy.walk(ALL)
    steps = [await anext(walk)]
    for _ in range(7):
        await other.ask(IMAGES, "POST", json=EDIT)

    steps += [step async for step in walk]

    assert [row.key for row in _rows(steps)] == [row.key for row in before]
    assert [row.key for row in steps[1].rows[:7]] == [row.key for row in steps[0].rows[-7:]]


async def test_a_row_deleted_during_a_walk_costs_one_other_at_most(meshy: Served, other: Meshy) -> None:
    """Nothing in the answers tells; a walk from the hint finds it again."""
    before = await _walk(meshy)
    walk = meshy.walk(ALL)
    steps = [await anext(walk)]
    await other.ask(f"{IMAGES}/{steps[0].rows[0].provider_id}", "DELETE")
    steps += [step async for step in walk]

    again = await _walk(meshy, Listing(size=20, before=steps[0].rows[-1].created_at), hint="2")

    missed = {row.key for row in _rows(before)} - {row.key for row in _rows(steps)}
    assert missed == {before[1].rows[0].key}
    assert missed <= {row.key for row in _rows(again)}


async def test_equal_times_over_page_ends_are_all_found_again(meshy: Served) -> None:
    """A cursor inside a burst of 60: whichever of them comes next, its page is walked."""
    whole = await _walk(meshy)
    rows = _rows(whole)
    instants = [row.created_at for row in rows]
    burst = [row for row in rows if row.created_at and instants.count(row.created_at) == 60]
    step = next(step for step in whole if step.rows[0] in burst)

    steps = await _walk(meshy, Listing(size=20, before=burst[0].created_at), hint=step.hint)

    assert {row.key for row in burst} <= {row.key for row in _rows(steps)}


async def test_from_unset_comes_back_to_the_first_unset_row(meshy: Served) -> None:
    """They are the last rows, and all of them are brought."""
    whole = await _walk(meshy)
    unset = [row for row in _rows(whole) if row.created_at is None]

    steps = await _walk(meshy, Listing(size=20, from_unset=True), hint=whole[-1].hint)

    assert len(unset) == 4
    assert [row for row in _rows(steps) if row.created_at is None] == unset


async def test_before_does_not_skip_newer_rows_without_a_hint(meshy: Served) -> None:
    """Meshy has no filter by time: a walk from the front brings them too."""
    whole = await _walk(meshy)
    last = whole[-1].rows[0].created_at
    assert last is not None

    assert await _walk(meshy, Listing(size=20, before=last - timedelta(days=1))) == whole


async def test_a_failing_step_raises_its_error(meshy: Served) -> None:
    """After as many tries as any read."""
    walk = meshy.walk(ALL)
    await anext(walk)
    meshy.upstream.fail(LIST, status=429)

    with pytest.raises(Throttled):
        await anext(walk)

    assert meshy.upstream.requests[LIST] == 4
