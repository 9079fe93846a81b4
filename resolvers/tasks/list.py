"""One newest-first list of all sources' tasks, a page at a time.

Each source is walked from its own place in the cursor on, and the walks are merged. A source that fails is
named in `missing`, and the page goes on without it; its rows come as soon as it answers, however far the
others have come by then.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from loaders.account import Account
from loaders.errors import BadInput, Forbidden, NotConfigured, NotSupported, SourceError
from loaders.listing import Lister, Listing
from loaders.pages import TaskPage
from loaders.records import Provider, TaskRecord
from resolvers.context import RequestContext, Role
from resolvers.need import Need
from resolvers.tasks import cursor
from resolvers.tasks.by_provider_ids import LookUp
from resolvers.tasks.cursor import TOP, Cursor
from resolvers.tasks.filter import TaskQuery
from resolvers.tasks.merge import Merge
from resolvers.tasks.source_walk import LARGE, SourceWalk

DEFAULT = 20
MOST = 100
SMALL = 21  # rows a call at least: a few of one moment do not take another call
NOTHING = TaskPage(edges=())


async def page(
    context: RequestContext, *, first: int | None, after: str | None, where: TaskQuery
) -> TaskPage:
    """Newest first. Raises BadInput and Forbidden.

    Raises a SourceError where no source answered, or where the page could bring nothing because every
    source that may have more failed: the same page may be there later.
    """
    size = DEFAULT if first is None else first
    if not 1 <= size <= MOST:
        raise BadInput(f"Invalid `first` {size}: expected 1 to {MOST}")
    if where.channel_id == "":
        raise BadInput("Invalid `channelId` '': expected the number of a channel")
    if where.all_owners and context.caller.role < Role.ADMIN:
        raise Forbidden("`scope: ALL` requires the admin role")
    start = Cursor() if after is None else cursor.decode(after)
    if where.is_empty:
        return NOTHING
    walks = _walks(context, size, start, where)
    merge = Merge(walks, start, where, budget=context.budget, scan_seconds=context.limits.silence)
    try:
        await merge.run(size)
    finally:
        for walk in walks:
            await walk.close()
    if merge.failure is not None:
        raise merge.failure
    context.remember(edge.node for edge in merge.edges)
    return TaskPage(
        edges=tuple(merge.edges),
        has_next_page=merge.has_more,
        has_previous_page=after is not None,
        end_cursor=merge.end_cursor,
        total_count=None if merge.missing else merge.total,
        missing=merge.missing,
    )


def _walks(context: RequestContext, size: int, start: Cursor, where: TaskQuery) -> list[SourceWalk]:
    """A walk for each source that the list takes. Raises NotConfigured where it takes none."""
    walks: list[SourceWalk] = []
    for provider in where.selected:
        lister: Lister | SourceError
        try:
            account = context.account(provider)
            if where.provider_ids is None:
                lister = _lister(account)
            else:
                lister = LookUp(account, partial(_loaded, context, provider), where)
        except NotConfigured as error:
            if not where.names_sources:
                continue
            lister = error
        except NotSupported as error:
            lister = error
        listing = _listing(size, start, where, provider)
        walks.append(SourceWalk(provider, lister, listing, start, context.budget))
    if not walks:
        raise NotConfigured("No source is configured", provider=where.selected[0])
    return walks


def _lister(account: Account) -> Lister:
    if account.lists is None:
        provider = account.provider
        raise NotSupported(f"{provider.label} cannot list tasks with these settings", provider=provider)
    return account.lists


async def _loaded(context: RequestContext, provider: Provider, key: str) -> TaskRecord | None:
    found: TaskRecord | None = await context.settle(Need("task", provider, key))
    return found


def _listing(size: int, start: Cursor, where: TaskQuery, provider: Provider) -> Listing:
    place, hint = start.of(provider), start.hints.get(provider)
    before = place.moment
    if where.created_before is not None:
        latest = where.created_before - timedelta(microseconds=1)
        before = latest if before is None else min(before, latest)
    has_place = place == TOP or hint is not None
    return Listing(
        # one more than wanted: is there a next page?
        size=max(size + 1, SMALL) if has_place and not where.filters_locally else LARGE,
        before=before,
        from_unset=place.is_unset,
        since=where.created_after,
        all_owners=where.all_owners,
        channel_id=where.channel_id,
    )
