"""What a list of tasks is narrowed to, and which sources' lists that takes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from loaders import ids
from loaders.errors import NotConfigured, NotSupported, SourceError
from loaders.ids import Kind
from loaders.listing import Lister, Listing, ListStep
from loaders.records import Capability, Provider, TaskRecord, TaskStatus
from resolvers.context import Operation
from resolvers.cursor import Cursor
from resolvers.walk import SourceWalk

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

    def holds(self, row: TaskRecord) -> bool:
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
    def is_sifted(self) -> bool:
        """Whether rows are left out here, not by the sources."""
        return self.statuses is not None or self.created_after is not None or self.created_before is not None


class LookedUp:
    """A list of known tasks: one step, which loads them. An id that is not there is left out."""

    def __init__(self, context: Operation, provider: Provider, provider_ids: Iterable[str]) -> None:
        self._loader = context.loaders(provider).task
        self._keys = [ids.parse(f"{provider.value.lower()}:{id_}", Kind.TASK).key for id_ in provider_ids]

    async def walk(self, _listing: Listing, _hint: str | None = None) -> AsyncIterator[ListStep]:
        """See loaders.listing."""
        found = await asyncio.gather(*map(self._loader.load, self._keys))
        yield ListStep(tuple(row for row in found if row is not None), is_last=True)


def walks_for(
    context: Operation, size: int, start: Cursor | None, where: TaskQuery
) -> tuple[list[SourceWalk], list[SourceError]]:
    """A walk for each source that the list takes, and why others that it should take have none.

    Raises NotConfigured where it takes none at all.
    """
    walks: list[SourceWalk] = []
    missing: list[SourceError] = []
    for provider in _selected(where):
        try:
            lister = _lister(context, provider, where)
        except NotConfigured as error:
            if where.providers is not None or where.channel_id is not None:
                missing.append(error)
            continue
        except NotSupported as error:
            missing.append(error)
            continue
        hint = None if start is None else start.hints.get(provider)
        listing = _listing(size, start, where, has_place=start is None or hint is not None)
        walks.append(SourceWalk(provider, lister, listing, None if start is None else start.position, hint))
    if not walks and not missing and _selected(where):
        raise NotConfigured("no source is configured here", provider=_selected(where)[0])
    return walks, missing


def _selected(where: TaskQuery) -> list[Provider]:
    providers = [Provider.MIDJOURNEY] if where.channel_id is not None else list(Provider)
    return [provider for provider in providers if where.providers is None or provider in where.providers]


def _lister(context: Operation, provider: Provider, where: TaskQuery) -> Lister:
    account = context.account(provider)
    if where.provider_ids is not None:
        return LookedUp(context, provider, where.provider_ids)
    if account.lister is None or Capability.LIST_TASKS not in account.capabilities:
        raise NotSupported(f"{provider.label} lists no tasks here", provider=provider)
    return account.lister


def _listing(size: int, start: Cursor | None, where: TaskQuery, *, has_place: bool) -> Listing:
    before = None if start is None else start.moment
    if where.created_before is not None:
        latest = where.created_before - timedelta(microseconds=1)
        before = latest if before is None else min(before, latest)
    return Listing(
        # one more than wanted: is there a next page?
        size=max(size + 1, _SMALL) if has_place and not where.is_sifted else _LARGE,
        before=before,
        from_unset=start is not None and start.is_unset,
        since=where.created_after,
        all_owners=where.all_owners,
        channel_id=where.channel_id,
    )
