"""Several newest-first lists into one.

The newest head of all walks is the next row, once every other walk is certain to hold nothing newer; the
walks that are not certain yet make their next call, all at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter

from loaders.errors import SourceError
from loaders.records import Provider, TaskRecord
from resolvers.tasks import cursor
from resolvers.tasks.cursor import Cursor, Position
from resolvers.tasks.filter import TaskQuery
from resolvers.tasks.source_walk import SourceWalk


@dataclass(frozen=True, slots=True)
class TaskEdge:
    """A row of a list and the cursor that resumes after it."""

    cursor: str
    node: TaskRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskPage:
    """One page of the list. missing: the sources that did not answer it."""

    edges: tuple[TaskEdge, ...]
    has_next_page: bool = False
    has_previous_page: bool = False
    end_cursor: str | None = None
    total_count: int | None = None
    missing: tuple[SourceError, ...] = ()

    @property
    def start_cursor(self) -> str | None:
        """Of the first row."""
        return self.edges[0].cursor if self.edges else None


class Merge:
    """`run` fills `edges`. scan_pages: calls a source, at most; then the page stays short.

    deadline: on the event loop's clock.
    """

    def __init__(
        self,
        walks: Sequence[SourceWalk],
        start: Cursor | None,
        where: TaskQuery,
        *,
        scan_pages: int,
        deadline: float,
    ) -> None:
        self._deadline = deadline
        self.edges: list[TaskEdge] = []
        self._walks = walks
        self._start = start
        self._where = where
        self._scan_pages = scan_pages
        self._place: Position | None = None  # of the last row that was looked at
        self._is_over = False

    async def run(self, size: int) -> None:
        """Take rows until the page is full, the lists are over, or no more calls may be made."""
        while len(self.edges) < size and not self._is_over:
            heads = [(walk.place, walk) for walk in self._walks if walk.place is not None]
            place, newest = min(heads, key=itemgetter(0), default=(None, None))
            if uncertain := self._uncertain(place):
                if not await self._call(uncertain):
                    return
            elif place is None or newest is None:
                self._is_over = True
            else:
                self._look_at(place, newest.take())

    @property
    def has_more(self) -> bool:
        """Whether a next page may hold rows: something is left, or a source could not say.

        Where none has anything left and this page came no further, it ends, even with a source missing: a
        client that only goes on while there is more must not ask an ill source for ever.
        """
        if self._place is not None and any(walk.error is not None for walk in self._walks):
            return True
        left = (walk.error is None and not (walk.is_exhausted and walk.place is None) for walk in self._walks)
        return not self._is_over and any(left)

    @property
    def end_cursor(self) -> str | None:
        """Where the next page begins; None where this one has not come anywhere."""
        if self._place is None and self._start is None and not self.has_more:
            return None
        return self._cursor()

    @property
    def total(self) -> int | None:
        """How many rows the whole list has; None unless every source counts."""
        if self._start is not None:
            return self._start.total
        totals = [walk.total for walk in self._walks]
        if not totals or None in totals or self._where.filters_locally:
            return None
        return sum(total for total in totals if total is not None)

    def _uncertain(self, place: Position | None) -> list[SourceWalk]:
        if place is None:
            return [walk for walk in self._walks if not walk.is_exhausted and walk.error is None]
        return [walk for walk in self._walks if not walk.is_certain(place)]

    async def _call(self, walks: list[SourceWalk]) -> bool:
        """One more step of each. False: the page ends here, short."""
        is_late = asyncio.get_running_loop().time() >= self._deadline
        if self.has_moved and (is_late or max(walk.calls for walk in walks) >= self._scan_pages):
            return False
        await asyncio.gather(*(walk.step(self._deadline) for walk in walks))
        # one that fails in the middle ends the page: the next begins with it, and nothing of it is lost
        return not (self._place and any(walk.error is not None for walk in walks))

    @property
    def has_moved(self) -> bool:
        """Whether the next page would begin elsewhere than this one."""
        # a page whose cursor were the one it began with would be asked for again and again; many rows of
        # one moment therefore take as many calls as it takes, until the request's deadline
        return self._place is not None or any(walk.has_moved for walk in self._walks)

    def _look_at(self, place: Position, row: TaskRecord) -> None:
        since = self._where.created_after
        if since is not None and (row.created_at is None or row.created_at < since):
            self._is_over = True  # all that follow are older still
            return
        self._place = place
        if self._where.matches(row):
            self.edges.append(TaskEdge(self._cursor(), row))

    def _cursor(self) -> str:
        hints: dict[Provider, str] = dict(self._start.hints) if self._start is not None else {}
        hints |= {walk.provider: walk.hint for walk in self._walks if walk.hint is not None}
        place = self._place or (self._start.position if self._start is not None else cursor.TOP)
        return cursor.encode(Cursor(place, hints, self.total))
