"""One newest-first list of all sources' tasks, a page at a time.

Every source is walked from the cursor on; the newest head of all walks is the next row, once every other
walk is certain to hold nothing newer. A source that fails is named in `missing`, and the page goes on
without it; one that fails in the middle of a page ends the page there, so that the next begins with it.
"""

from __future__ import annotations

from loaders.errors import BadInput, Forbidden
from loaders.silence import heard_by
from resolvers.context import RequestContext, Role
from resolvers.tasks import by_provider_ids, cursor
from resolvers.tasks.filter import TaskQuery, walks_for
from resolvers.tasks.merge import Merge, TaskPage

DEFAULT = 20
MOST = 100
NOTHING = TaskPage(edges=())


async def page(
    context: RequestContext, *, first: int | None, after: str | None, where: TaskQuery
) -> TaskPage:
    """Newest first. Raises BadInput, Forbidden, and a SourceError where no source answered."""
    size = DEFAULT if first is None else first
    if not 1 <= size <= MOST:
        raise BadInput(f"first={size}: wanted 1 to {MOST}")
    if where.channel_id == "":
        raise BadInput("channelId='': wanted the number of a channel")
    if where.all_owners and context.caller.role < Role.ADMIN:
        raise Forbidden("scope ALL needs the admin role")
    start = None if after is None else cursor.decode(after)
    if where.is_empty:
        return NOTHING
    if where.provider_ids is not None:
        return await by_provider_ids.page(context, size, start, where)
    walks, missing = walks_for(context, size, start, where)
    merge = Merge(walks, start, where, scan_pages=context.scan_pages, deadline=context.deadline)
    with heard_by(context.budget):
        await merge.run(size)
    missing += [walk.error for walk in walks if walk.error is not None]
    if missing and not merge.has_moved and not any(walk.error is None for walk in walks):
        raise missing[0]
    context.remember([edge.node for edge in merge.edges])
    return TaskPage(
        edges=tuple(merge.edges),
        has_next_page=merge.has_more,
        has_previous_page=start is not None,
        end_cursor=merge.end_cursor,
        total_count=merge.total if not missing else None,
        missing=tuple(missing),
    )
