"""One source's list while a page is being merged: what it has brought, and how far that is certain."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import replace

from loaders.budget import Budget
from loaders.errors import Fault, Rejected, SourceError
from loaders.listing import Lister, Listing, ListStep
from loaders.records import Provider, TaskRecord
from loaders.retry import timed_out
from loaders.silence import heard_by
from resolvers.tasks.cursor import Cursor, Position, position

LARGE = 100  # rows a call where many of them will not be wanted, or where a walk has lost its place

_Row = tuple[Position, int, TaskRecord]  # its place, the step that brought it, itself


class SourceWalk:
    """Rows come in steps, roughly newest first, from the source's own place in the cursor on.

    lister: or why there is none; such a walk has failed before it began. budget: of the operation, which
    hears the source's answers and its silence; its deadline ends a step.

    hint: where a later walk finds every row that was not taken.
    reached: up to here every row of this source has been looked at. error: why it goes no further; what had
    come and was not certain comes again on a later page. left_out: why some rows could not be read.
    """

    def __init__(
        self,
        provider: Provider,
        lister: Lister | SourceError,
        listing: Listing,
        start: Cursor,
        budget: Budget,
    ) -> None:
        self.provider = provider
        self.reached = start.of(provider)
        self.calls = 0
        self.total: int | None = None
        self.error: SourceError | None = lister if isinstance(lister, SourceError) else None
        self.left_out: SourceError | None = None
        self.is_exhausted = False
        self._after = self.reached
        self.hint = self._next_hint = start.hints.get(provider)
        self._began_at = {self._next_hint}
        self._rows: list[_Row] = []  # a heap
        self._hints: list[str | None] = []  # of each step
        self._left: list[int] = []  # of each step: its rows in the heap
        self._newest: dict[str, Position] = {}  # of each task's rows
        self._oldest: int | None = None  # age of the oldest row that came in its turn
        self._lister = lister
        self._listing = listing
        self._budget = budget
        self._has_restarted = False
        self._steps = self._begun(listing, self._next_hint)

    @property
    def place(self) -> Position | None:
        """Of the first row that has come and was not taken; None where there is none."""
        return self._rows[0][0] if self._rows else None

    @property
    def has_moved(self) -> bool:
        """Whether a later walk would begin elsewhere than this one did."""
        return self.reached != self._after or self.hint not in self._began_at

    @property
    def has_left(self) -> bool:
        """Whether rows are there, or can be asked for."""
        return bool(self._rows) or (self.error is None and not self.is_exhausted)

    @property
    def may_recover(self) -> bool:
        """Whether it failed in a way that may pass; else it is at its end, as far as this list goes."""
        return self.error is not None and self.error.retryable

    def take(self) -> TaskRecord:
        """Remove the first row."""
        _, step, row = heapq.heappop(self._rows)
        self._left[step] -= 1
        if not self._left[step]:
            self._find_hint()
        return row

    def knows(self, place: Position) -> bool:
        """Whether every row up to this place, and of the same moment, has come."""
        if place <= self._after or self._is_before_oldest(place):
            return True
        return self.is_exhausted

    def awaits(self, place: Position | None) -> bool:
        """Whether its next step may bring rows up to this place; None: whether it has a next step."""
        if self.is_exhausted or self.error is not None:
            return False
        return place is None or not self.knows(place)

    def passes(self, place: Position) -> None:
        """The list has come to this place. A walk that failed before it stays behind."""
        if self.reached < place and self.knows(place):
            self.reached = place

    async def step(self) -> None:
        """One upstream call, for which nothing that has come is certain. A failure ends the walk.

        Raises LimitExceeded where the operation has read more rows, or made more calls, than it may.

        A source that refuses the place where its list was to go on is walked from the front, once.
        """
        self._budget.spend_rows(self._listing.size)
        self._budget.spend_calls(1)
        try:
            found = await self._next()
        except StopAsyncIteration:
            self.is_exhausted = True
        except SourceError as error:
            self.calls += 1
            if self._next_hint is not None and not self._has_restarted and _may_be_the_hint(error):
                self._restart()
                return
            self.error = error
            self._rows.clear()  # none was certain, or there had been no call for more
        else:
            self.calls += 1
            self._keep(found)

    async def close(self) -> None:
        """Let go of the source's list."""
        if isinstance(self._steps, AsyncGenerator):
            await self._steps.aclose()

    def _begun(self, listing: Listing, hint: str | None) -> AsyncIterator[ListStep] | None:
        return None if isinstance(self._lister, SourceError) else self._lister.walk(listing, hint)

    def _restart(self) -> None:
        self._has_restarted = True
        self._next_hint = None
        self._find_hint()
        self._began_at.add(None)
        self._steps = self._begun(replace(self._listing, size=LARGE), None)

    async def _next(self) -> ListStep:
        assert self._steps is not None, "a walk without a lister has failed already"
        try:
            with heard_by(self._budget):
                async with asyncio.timeout_at(self._budget.deadline):
                    return await anext(self._steps)
        except TimeoutError:
            raise timed_out(self.provider) from None

    def _keep(self, found: ListStep) -> None:
        if self.calls == 1:
            self._began_at.add(found.hint)  # the front may have a name: Meshy's page 1
        self._next_hint = found.next_hint if found.next_hint is not None else found.hint
        self.is_exhausted = found.is_last
        self.left_out = found.left_out or self.left_out
        if self.total is None:
            self.total = found.total
        step = len(self._left)
        self._hints.append(found.hint)
        self._left.append(0)
        for row in found.rows:
            self._add(row, step)
        self._find_hint()
        # of the last row: one that stands out of order in the middle tells nothing
        last = next((position(row) for row in reversed(found.rows) if row.created_at is not None), None)
        if last is not None and (self._oldest is None or last.age > self._oldest):
            self._oldest = last.age

    def _add(self, row: TaskRecord, step: int) -> None:
        # only the newest row of a task counts; rows up to the cursor are not shown again
        place = position(row)
        known = self._newest.get(row.id)
        if known is not None and known <= place:
            return
        self._newest[row.id] = place
        if known is not None:
            self._drop(known)
        if place > self._after:
            heapq.heappush(self._rows, (place, step, row))
            self._left[step] += 1

    def _drop(self, place: Position) -> None:
        dropped = [row for row in self._rows if row[0] == place]
        for row in dropped:
            self._rows.remove(row)
            self._left[row[1]] -= 1
        heapq.heapify(self._rows)

    def _find_hint(self) -> None:
        # the earliest step that has any left: rows of one moment are taken by id, across steps
        steps = zip(self._hints, self._left, strict=True)
        self.hint = next((hint for hint, left in steps if left), self._next_hint)

    def _is_before_oldest(self, place: Position) -> bool:
        # rows of the oldest one's moment may go on in the next step
        return not place.is_unset and self._oldest is not None and place.age < self._oldest


def _may_be_the_hint(error: SourceError) -> bool:
    """Whether the source answered, and what it did not like may be the place that was asked for."""
    if isinstance(error, Fault):
        return error.upstream_status is None or error.upstream_status < 500
    return isinstance(error, Rejected)
