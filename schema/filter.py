"""TaskFilter: which tasks a list holds."""

from datetime import datetime
from typing import TypeVar

import strawberry

from resolvers.tasks.filter import TaskQuery
from schema.enums import Provider, TaskScope, TaskStatus

T = TypeVar("T")


@strawberry.input(
    description="Which tasks a list holds: those that meet every condition. Null or absent: no condition."
)
class TaskFilter:
    """What becomes a TaskQuery."""

    providers: list[Provider] | None = strawberry.field(
        default=strawberry.UNSET, description="Only these providers; the others are not called."
    )
    statuses: list[TaskStatus] | None = strawberry.field(
        default=strawberry.UNSET, description="Only tasks in one of these states."
    )
    created_after: datetime | None = strawberry.field(
        default=strawberry.UNSET, description="Only tasks submitted at this time or later."
    )
    created_before: datetime | None = strawberry.field(
        default=strawberry.UNSET, description="Only tasks submitted earlier than this."
    )
    scope: TaskScope | None = strawberry.field(
        default=TaskScope.MINE, description="Whose tasks; null means MINE."
    )
    channel_id: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="Only tasks of this channel of new-api; leaves out providers without channels.",
    )
    provider_ids: list[str] | None = strawberry.field(
        default=strawberry.UNSET,
        description="Only tasks with exactly these `Task.providerId`s.",
    )

    def as_query(self) -> TaskQuery:
        """What the resolver is asked: absent and null are both None there."""
        return TaskQuery(
            providers=_set(self.providers),
            statuses=_set(self.statuses),
            created_after=given(self.created_after),
            created_before=given(self.created_before),
            all_owners=self.scope is TaskScope.ALL,
            channel_id=given(self.channel_id),
            provider_ids=_set(self.provider_ids),
        )


def given(value: T | None) -> T | None:
    """None for what the client left out."""
    return None if value is strawberry.UNSET else value


def _set(values: list[T] | None) -> frozenset[T] | None:
    present = given(values)
    return None if present is None else frozenset(present)
