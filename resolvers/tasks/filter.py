"""What a list of tasks is narrowed to, and which sources' lists that takes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from loaders.account import Account
from loaders.errors import NotConfigured, NotSupported, SourceError
from loaders.listing import Lister, Listing
from loaders.records import Provider, TaskRecord, TaskStatus
from resolvers.context import RequestContext
from resolvers.tasks.cursor import Cursor
from resolvers.tasks.source_walk import SourceWalk

_SMALL = 21  # rows a call at least: a few of one moment do not take another call
_LARGE = 100  # rows a call where many of them will not be wanted, or where a walk has lost its place


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskQuery:
    """What a list of tasks is narrowed to; None does not narrow."""

    providers: frozenset[Provider] | None = None
    statuses: frozenset[TaskStatus] | None = None
    created_after: datetime | None = None
    created_before: datetime | None = None
    all_owners: bool = False
    channel_id: str | None = None
    provider_ids: frozenset[str] | None = None

    def matches(self, row: TaskRecord) -> bool:
        """Whether a row is wanted."""
        created = row.created_at
        return (
            (self.statuses is None or row.status in self.statuses)
            and (self.created_after is None or (created is not None and created >= self.created_after))
            and (self.created_before is None or (created is not None and created < self.created_before))
            and (self.channel_id is None or row.channel_id == self.channel_id)
            and (self.provider_ids is None or row.provider_id in self.provider_ids)
        )

    @property
    def selected(self) -> list[Provider]:
        """The sources that may have such rows; only Midjourney has channels."""
        providers = [Provider.MIDJOURNEY] if self.channel_id is not None else list(Provider)
        return [provider for provider in providers if self.providers is None or provider in self.providers]

    @property
    def is_empty(self) -> bool:
        """Whether no row can be meant, so that nobody need be asked."""
        after, before = self.created_after, self.created_before
        return (
            not self.selected
            or self.statuses == frozenset()
            or self.provider_ids == frozenset()
            or (after is not None and before is not None and after >= before)
        )

    @property
    def filters_locally(self) -> bool:
        """Whether rows are left out here, not by the sources."""
        own_channel = self.channel_id is not None and not self.all_owners
        times = self.created_after is not None or self.created_before is not None
        return self.statuses is not None or times or own_channel


def walks_for(
    context: RequestContext, size: int, start: Cursor | None, where: TaskQuery
) -> tuple[list[SourceWalk], list[SourceError]]:
    """A walk for each source that the list takes, and why others that it should take have none.

    Raises NotConfigured where it takes none at all.
    """
    walks: list[SourceWalk] = []
    missing: list[SourceError] = []
    for provider in where.selected:
        try:
            account = context.account(provider)
            lister = _lister(account)
        except NotConfigured as error:
            if where.providers is not None or where.channel_id is not None:
                missing.append(error)
            continue
        except NotSupported as error:
            missing.append(error)
            continue
        hint = None if start is None else start.hints.get(provider)
        listing = _listing(size, start, where, has_place=start is None or hint is not None)
        place = None if start is None else start.position
        walks.append(SourceWalk(provider, lister, listing, place, hint, account.remember))
    if not walks and not missing:
        raise NotConfigured("no source is configured here", provider=where.selected[0])
    return walks, missing


def _lister(account: Account) -> Lister:
    if account.lists is None:
        raise NotSupported(f"{account.provider.label} lists no tasks here", provider=account.provider)
    return account.lists


def _listing(size: int, start: Cursor | None, where: TaskQuery, *, has_place: bool) -> Listing:
    before = None if start is None else start.moment
    if where.created_before is not None:
        latest = where.created_before - timedelta(microseconds=1)
        before = latest if before is None else min(before, latest)
    return Listing(
        # one more than wanted: is there a next page?
        size=max(size + 1, _SMALL) if has_place and not where.filters_locally else _LARGE,
        before=before,
        from_unset=start is not None and start.is_unset,
        since=where.created_after,
        all_owners=where.all_owners,
        channel_id=where.channel_id,
    )
