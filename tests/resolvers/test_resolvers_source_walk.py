"""One source's walk by itself: lists out of step, rows that come twice, places that are refused."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from loaders.budget import Budget
from loaders.errors import Fault, Rejected, SourceError
from loaders.listing import Listing, ListStep
from loaders.records import Capability, Provider, TaskRecord, TaskStatus
from resolvers.tasks.cursor import Cursor, Position, position
from resolvers.tasks.source_walk import LARGE, SourceWalk

PIXAI = Provider.PIXAI


def row(name: str, second: int, status: TaskStatus = TaskStatus.RUNNING) -> TaskRecord:
    """A task made so many seconds after 2024."""
    return TaskRecord(
        id=f"task:pixai:{name}",
        provider=PIXAI,
        provider_id=name,
        key=name,
        status=status,
        provider_status="",
        is_terminal=False,
        created_at=datetime(2024, 1, 1, 0, 0, second, tzinfo=UTC),
    )


class Steps:
    """A lister that brings these steps, one walk after another. began: the size and the hint of each walk."""

    def __init__(self, *walks: Sequence[ListStep | SourceError]) -> None:
        self._walks = list(walks)
        self.began: list[tuple[int, str | None]] = []
        self.closed = 0

    def capabilities(self) -> Iterable[Capability]:
        """It lists."""
        return (Capability.LIST_TASKS,)

    async def walk(self, listing: Listing, hint: str | None = None) -> AsyncIterator[ListStep]:
        """The next of them."""
        self.began.append((listing.size, hint))
        try:
            for step in self._walks.pop(0):
                if isinstance(step, SourceError):
                    raise step
                yield step
        finally:
            self.closed += 1


def walked(lister: Steps, start: Cursor | None = None) -> SourceWalk:
    """A walk over these steps."""
    return SourceWalk(PIXAI, lister, Listing(size=21), start or Cursor(), Budget.starting_now(60))


async def test_of_two_rows_of_a_task_the_newer_is_kept_whichever_comes_first() -> None:
    """The older, dropped one no longer holds the place where its step began."""
    older, newer = row("a", 5), row("a", 9, TaskStatus.SUCCEEDED)
    lister = Steps([ListStep((older,), "1", "2"), ListStep((newer, row("b", 4)), "2", "3", is_last=True)])
    walk = walked(lister)

    await walk.step()
    await walk.step()

    assert (walk.hint, walk.place) == ("2", position(newer))
    assert [walk.take(), walk.take()] == [newer, row("b", 4)]
    assert (walk.place, walk.hint, walk.has_left) == (None, "3", False)


async def test_a_row_on_an_earlier_page_leaves_no_older_row_for_this_one() -> None:
    """Where the call brings both, the task has been shown."""
    start = Cursor(position(row("a", 9)))
    walk = walked(Steps([ListStep((row("a", 9), row("a", 5)), is_last=True)]), start)

    await walk.step()

    assert walk.place is None


@pytest.mark.parametrize(
    "refusal",
    [
        Rejected("no such place", provider=PIXAI, upstream_status=400),
        Fault("PixAI could not answer the request", provider=PIXAI),
        Fault("PixAI could not answer the request", provider=PIXAI, upstream_status=200),
    ],
)
async def test_a_place_that_was_refused_is_not_kept_for_the_next_page(refusal: SourceError) -> None:
    """Even where the walk from the front fails, too."""
    lister = Steps([refusal], [Fault("ill", provider=PIXAI, upstream_status=500)])
    walk = walked(lister, Cursor(Position(False, -5, "x"), hints={PIXAI: "gone"}))

    await walk.step()
    await walk.step()

    assert lister.began == [(21, "gone"), (LARGE, None)]
    assert (walk.hint, walk.error is not None, walk.calls) == (None, True, 2)


async def test_a_refusal_at_the_front_is_a_failure() -> None:
    """There is no place to drop."""
    lister = Steps([Rejected("no", provider=PIXAI, upstream_status=404)])
    walk = walked(lister)

    await walk.step()

    assert (walk.error is not None, len(lister.began), walk.may_recover) == (True, 1, False)


async def test_what_follows_a_failed_call_is_not_known() -> None:
    """Rows of the moment where the list broke off may go on; those above it have come."""
    ill = Fault("ill", provider=PIXAI, upstream_status=500)
    walk = walked(Steps([ListStep((row("c", 9), row("b", 7)), "1", "2"), ill]))
    await walk.step()
    walk.passes(position(walk.take()))
    reached = walk.reached

    await walk.step()
    walk.passes(position(row("x", 8)))
    walk.passes(position(row("a", 7)))

    assert reached == position(row("c", 9))
    assert walk.reached == position(row("x", 8))
    assert (walk.place, walk.has_left, walk.may_recover, walk.awaits(None)) == (None, False, True, False)
    assert walk.hint == "1"


async def test_rows_without_a_time_are_certain_at_the_end_alone() -> None:
    """They come last, in any order: not even a row from before 1970 is behind them."""
    unset = replace(row("u", 0), created_at=None)
    old = replace(row("o", 0), created_at=datetime(1969, 1, 1, tzinfo=UTC))
    walk = walked(Steps([ListStep((unset, old), "1", "2"), ListStep((), "2", "3", is_last=True)]))

    await walk.step()
    before = walk.knows(position(unset))
    await walk.step()

    assert (before, walk.knows(position(unset))) == (False, True)
    assert [walk.take(), walk.take()] == [old, unset]


async def test_the_lists_generator_is_closed() -> None:
    """Also in the middle: nothing is left to the garbage collector."""
    lister = Steps([ListStep((row("c", 9),), "1", "2"), ListStep((row("b", 7),), "2", "3")])
    walk = walked(lister)
    await walk.step()

    await walk.close()

    assert lister.closed == 1
