"""One newest-first list of all sources' tasks, a page at a time.

Every source is walked from the cursor on; the newest head of all walks is the next row, once every other
walk is certain to hold nothing newer. A source that fails is named in `missing`, and the page goes on
without it; one that fails in the middle of a page ends the page there, so that the next begins with it.
"""

from __future__ import annotations

from dataclasses import dataclass

from loaders.errors import BadInput, Forbidden, SourceError
from resolvers import cursor
from resolvers.context import Operation, Role
from resolvers.merge import Merge, TaskEdge
from resolvers.query import TaskQuery, walks_for

DEFAULT = 20
MOST = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskPage:
    """One page of the list. missing: the sources that did not answer it."""

    edges: tuple[TaskEdge, ...]
    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None
    total_count: int | None
    missing: tuple[SourceError, ...]


async def page(context: Operation, *, first: int | None, after: str | None, where: TaskQuery) -> TaskPage:
    """Newest first. Raises BadInput, Forbidden, and a SourceError where no source answered."""
    size = DEFAULT if first is None else first
    if not 1 <= size <= MOST:
        raise BadInput(f"first={size}: wanted 1 to {MOST}")
    if where.all_owners and context.role < Role.ADMIN:
        raise Forbidden("scope ALL needs the admin role")
    start = None if after is None else cursor.decode(after)
    walks, missing = walks_for(context, size, start, where)
    merge = Merge(walks, start, where, scan_pages=context.scan_pages)
    await merge.run(size)
    missing += [walk.error for walk in walks if walk.error is not None]
    if missing and not any(walk.error is None for walk in walks):
        raise missing[0]
    for edge in merge.edges:
        context.loaders(edge.node.provider).task.prime(edge.node.key, edge.node)
    return TaskPage(
        edges=tuple(merge.edges),
        has_next_page=merge.has_more,
        has_previous_page=start is not None,
        start_cursor=merge.edges[0].cursor if merge.edges else None,
        end_cursor=merge.end_cursor,
        total_count=merge.total if not missing else None,
        missing=tuple(missing),
    )
