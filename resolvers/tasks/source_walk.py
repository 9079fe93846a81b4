"""One source's list while a page is being merged: what it has shown, and how far that is certain."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import AsyncIterator, Callable, Iterable

from loaders.errors import SourceError, TimedOut
from loaders.listing import Lister, Listing, ListStep
from loaders.records import Provider, TaskRecord
from resolvers.tasks.cursor import Position, position

_Row = tuple[Position, int, TaskRecord]  # its place, the step that brought it, itself


class SourceWalk:
    """Rows come in steps, roughly newest first. `is_certain(p)`: no row at or before p is still to come.

    after: rows up to here have been shown on earlier pages. hint: where the source resumes.
    remember: is told each step's rows once.
    """

    def __init__(
        self,
        provider: Provider,
        lister: Lister,
        listing: Listing,
        after: Position | None,
        hint: str | None,
        remember: Callable[[Iterable[TaskRecord]], None],
    ) -> None:
        self._remember = remember
        self.provider = provider
        self.calls = 0
        self.total: int | None = None
        self.error: SourceError | None = None
        self.is_exhausted = False
        self._after = after
        self._next_hint = hint
        self._began_at = {hint}
        self._rows: list[_Row] = []  # a heap
        self._left: list[tuple[str | None, int]] = []  # of each step: its hint, and its rows in the heap
        self._seen: set[str] = set()
        self._oldest: int | None = None  # as in a Position: time, negated
        self._steps: AsyncIterator[ListStep] = lister.walk(listing, hint)

    @property
    def place(self) -> Position | None:
        """Of the first row that has come and was not taken; None where there is none."""
        return self._rows[0][0] if self._rows else None

    @property
    def hint(self) -> str | None:
        """Where a later walk finds every row that was not taken."""
        # the earliest step that has any left: rows of one moment are taken by id, across steps
        return next((hint for hint, left in self._left if left), self._next_hint)

    @property
    def has_moved(self) -> bool:
        """Whether the hint leads further than where this walk began."""
        return self.hint not in self._began_at

    def take(self) -> TaskRecord:
        """Remove the first row."""
        _, step, row = heapq.heappop(self._rows)
        self._left[step] = (self._left[step][0], self._left[step][1] - 1)
        return row

    def is_certain(self, place: Position) -> bool:
        """Whether nothing that comes before this place, or at the same moment, can still come."""
        if self.is_exhausted or self.error is not None:
            return True
        unset, negative, _ = place
        # rows of the moment of the oldest one may go on in the next step
        return not unset and self._oldest is not None and negative < self._oldest

    async def step(self, deadline: float) -> None:
        """One upstream call. A failure ends the walk, and with it what was not certain yet.

        deadline: on the event loop's clock; a call that has not ended by then has failed.
        """
        try:
            found = await self._next(deadline)
        except StopAsyncIteration:
            self.is_exhausted = True
            return
        except SourceError as error:
            self.calls += 1
            self.error = error
            self._rows = [row for row in self._rows if self._is_before_oldest(row[0])]
            heapq.heapify(self._rows)
            return
        self.calls += 1
        self._remember(found.rows)
        self._keep(found)
        self.is_exhausted = found.is_last

    async def _next(self, deadline: float) -> ListStep:
        try:
            async with asyncio.timeout_at(deadline):
                return await anext(self._steps)
        except TimeoutError:
            said = f"{self.provider.label} did not answer in time"
            raise TimedOut(said, provider=self.provider) from None

    def _keep(self, found: ListStep) -> None:
        if self.calls == 1:
            self._began_at.add(found.hint)  # the front may have a name: Meshy's page 1
        self._next_hint = found.next_hint if found.next_hint is not None else found.hint
        if self.total is None:
            self.total = found.total
        oldest, fresh = self._oldest, 0
        for row in found.rows:
            place = position(row)
            if not place[0]:
                oldest = place[1]  # of the last row: one that stands out of order in the middle tells nothing
            if row.id in self._seen or (self._after is not None and place <= self._after):
                continue
            self._seen.add(row.id)
            heapq.heappush(self._rows, (place, len(self._left), row))
            fresh += 1
        self._left.append((found.hint, fresh))
        self._oldest = oldest if self._oldest is None or oldest is None else max(self._oldest, oldest)

    def _is_before_oldest(self, place: Position) -> bool:
        return not place[0] and self._oldest is not None and place[1] < self._oldest
