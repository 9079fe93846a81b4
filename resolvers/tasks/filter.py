"""What a list of tasks is narrowed to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from loaders.records import Provider, TaskRecord, TaskStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskQuery:
    """Which tasks are wanted; None does not narrow."""

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

    def ends_before(self, row: TaskRecord) -> bool:
        """Whether this row, and so every row after it in the list, is older than any that is wanted."""
        since = self.created_after
        return since is not None and (row.created_at is None or row.created_at < since)

    @property
    def selected(self) -> list[Provider]:
        """The sources that may have such rows; only Midjourney has channels."""
        providers = [Provider.MIDJOURNEY] if self.channel_id is not None else list(Provider)
        return [provider for provider in providers if self.providers is None or provider in self.providers]

    @property
    def names_sources(self) -> bool:
        """Whether the client said which sources it wants, and so is told of those that are not configured."""
        return self.providers is not None or self.channel_id is not None

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
        """Whether rows are left out while lists are merged, not by the sources or before."""
        if self.provider_ids is not None:
            return False
        own_channel = self.channel_id is not None and not self.all_owners
        times = self.created_after is not None or self.created_before is not None
        return self.statuses is not None or times or own_channel
