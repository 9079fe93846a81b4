"""Several newest-first lists into one.

The newest head of all walks is the next row, once every other walk is certain to hold nothing newer; the
walks that are not certain yet make their next call, all at once. A walk that fails is left behind, at the
place up to which it was certain, and the list goes on without it:

    page 1   PixAI 9 8 7 6   Meshy 9 7 (fails)     ->  9 9 8 7 7 6    Meshy stays at 7
    page 2   PixAI 5 4       Meshy 6 5 4           ->  6 5 5 4 4      newer than the last of page 1: caught up
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial

from loaders.budget import Budget
from loaders.errors import SourceError
from loaders.outcome import gather_outcomes
from loaders.pages import TaskEdge
from loaders.records import Provider, TaskRecord
from resolvers.tasks import cursor
from resolvers.tasks.cursor import Cursor, Position
from resolvers.tasks.filter import TaskQuery
from resolvers.tasks.source_walk import SourceWalk

FILLING_CALLS = 5  # a source, at most, to fill a page that has a row already


class Merge:
    """`run` fills `edges`.

    budget: of the operation. scan_seconds: how long a page without a row is looked for, counted from its
    start or from the last failure of a source.
    """

    def __init__(
        self,
        walks: Sequence[SourceWalk],
        start: Cursor,
        where: TaskQuery,
        *,
        budget: Budget,
        scan_seconds: float,
    ) -> None:
        self.edges: list[TaskEdge] = []
        self._walks = walks
        self._start = start
        self._others = start.without(walk.provider for walk in walks)
        self._where = where
        self._budget = budget
        self._scan_seconds = scan_seconds
        self._scan_end = asyncio.get_running_loop().time() + scan_seconds
        self._is_over = False  # no later row of a source that answers can be wanted

    async def run(self, size: int) -> None:
        """Take rows until the page is full, the lists are over, or it is time to answer."""
        while len(self.edges) < size:
            place, newest = self._head()
            if awaited := [walk for walk in self._walks if walk.awaits(place)]:
                if not self._may_call(awaited):
                    return
                await self._call(awaited)
            elif place is None or newest is None or self._where.ends_before(row := newest.take()):
                self._is_over = True
                return
            else:
                self._look_at(place, row)

    def _head(self) -> tuple[Position | None, SourceWalk | None]:
        """The newest row that has come and was not taken: its place, and its walk."""
        first: Position | None = None
        newest: SourceWalk | None = None
        for walk in self._walks:
            place = walk.place
            if place is not None and (first is None or place < first):
                first, newest = place, walk
        return first, newest

    @property
    def has_more(self) -> bool:
        """Whether a next page may hold rows: something is left, or a source failed in a way that may pass."""
        return self._has_left or any(walk.may_recover for walk in self._walks)

    @property
    def failure(self) -> SourceError | None:
        """Why the page could bring nothing; None where it has rows, or is empty because there are none."""
        if self.edges or self._has_left:
            return None
        errors = [walk.error for walk in self._walks if walk.error is not None]
        passing = next((error for error in errors if error.retryable), None)
        return errors[0] if passing is None and len(errors) == len(self._walks) else passing

    @property
    def missing(self) -> tuple[SourceError, ...]:
        """Why sources did not answer, or left some of their rows out."""
        found = (walk.error or walk.left_out for walk in self._walks)
        return tuple(error for error in found if error is not None)

    @property
    def end_cursor(self) -> str | None:
        """Where the next page begins; None where the list has no row to go on from."""
        return self._cursor()() if self._start != Cursor() or self._has_moved or self.has_more else None

    @property
    def total(self) -> int | None:
        """How many rows the whole list has; None unless every source counts."""
        totals = [walk.total for walk in self._walks]
        if None in totals or self._where.filters_locally:
            return self._start.total
        return sum(total for total in totals if total is not None)

    @property
    def _has_left(self) -> bool:
        return not self._is_over and any(walk.has_left for walk in self._walks)

    @property
    def _has_moved(self) -> bool:
        return any(walk.has_moved for walk in self._walks)

    def _may_call(self, walks: Sequence[SourceWalk]) -> bool:
        if not self._has_moved:
            # a page whose cursor were the one it began with would be asked for again and again; many rows of
            # one moment take as many calls as it takes, until the deadline, when the calls fail
            return True
        if self.edges and max(walk.calls for walk in walks) >= FILLING_CALLS:
            return False
        if self._budget.is_half_read:
            return False
        return asyncio.get_running_loop().time() < min(self._scan_end, self._budget.deadline)

    async def _call(self, walks: Sequence[SourceWalk]) -> None:
        for outcome in await gather_outcomes(walk.step() for walk in walks):
            if outcome is not None:
                raise outcome  # what a source refuses ends its walk: this is the operation's own limit
        if any(walk.error is not None for walk in walks):
            # the time that went by was the failing source's: the others have theirs yet
            self._scan_end = asyncio.get_running_loop().time() + self._scan_seconds

    def _look_at(self, place: Position, row: TaskRecord) -> None:
        for walk in self._walks:
            walk.passes(place)
        if self._where.matches(row):
            self.edges.append(TaskEdge(row, self._cursor()))

    def _cursor(self) -> Callable[[], str]:
        """Writes the cursor of where the walks are now, when it is wanted: `nodes` alone shows none."""
        walks = [(walk.provider, walk.reached, walk.hint) for walk in self._walks]
        # not a method: an edge that held the merge, which holds its edges, would wait for the collector
        return partial(_written, walks, self._start.position, self._others, self.total)


def _written(
    walks: Sequence[tuple[Provider, Position, str | None]], start: Position, others: Cursor, total: int | None
) -> str:
    foremost = max(start, *(reached for _, reached, _ in walks))
    behind = {provider: reached for provider, reached, _ in walks if reached != foremost}
    hints = {provider: hint for provider, _, hint in walks if hint is not None}
    return cursor.encode(Cursor(foremost, others.behind | behind, others.hints | hints, total))
