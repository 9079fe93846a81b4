"""A page of the list of tasks, as the graph's connection shows it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field

from loaders.errors import SourceError
from loaders.record import record
from loaders.records import TaskRecord


@record
class TaskEdge:
    """A row of a list. write: makes the cursor that resumes after it, when somebody wants one."""

    node: TaskRecord
    write: Callable[[], str] = field(repr=False)

    @property
    def cursor(self) -> str:
        """Opaque."""
        return self.write()


@record
class TaskPage:
    """One page of the list. missing: the sources that did not answer it, or not wholly."""

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
