"""Subscription: tasks as they change. No provider reports changes yet: each id ends at once and says why."""

from collections.abc import AsyncGenerator
from typing import Annotated

import strawberry

import resolvers.tasks.write
from loaders.errors import InvalidId
from loaders.ids import Kind, parse
from resolvers.context import RequestContext
from schema.errors import SourceErrorType, to_graphql
from schema.info import Info
from schema.task import Task

TaskId = Annotated[strawberry.ID, strawberry.argument(name="id", description="The task's id.")]
TaskIds = Annotated[
    list[strawberry.ID], strawberry.argument(description="The tasks' ids; one that repeats counts once.")
]


@strawberry.type(description="A change of one task.")
class TaskUpdate:
    """What a subscription sends."""

    task_id: strawberry.ID = strawberry.field(description="The id as the client gave it.")
    task: Task | None = strawberry.field(
        description="The task as it stands now; null where it is deleted, unknown or could not be read."
    )
    is_deleted: bool = strawberry.field(description="True in the last update of a task that was removed.")
    error: SourceErrorType | None = strawberry.field(
        description="Why nothing more comes for this id; null while all is well. The other ids go on."
    )


async def _task_updated(info: Info, id: TaskId) -> AsyncGenerator[TaskUpdate, None]:
    yield _ended(info.context, id)


async def _tasks_updated(info: Info, ids: TaskIds) -> AsyncGenerator[TaskUpdate, None]:
    for task_id in dict.fromkeys(ids):
        yield _ended(info.context, task_id)


def _ended(context: RequestContext, task_id: strawberry.ID) -> TaskUpdate:
    try:
        provider = parse(task_id, Kind.TASK).provider
    except InvalidId as error:
        reason = to_graphql(error)
    else:
        reason = to_graphql(resolvers.tasks.write.refusal(context, provider, "taskUpdated"))
    return TaskUpdate(task_id=task_id, task=None, is_deleted=False, error=reason)


@strawberry.type(description="Tasks as they change.")
class Subscription:
    """The part of the graph that goes on telling."""

    task_updated: AsyncGenerator[TaskUpdate, None] = strawberry.subscription(
        resolver=_task_updated,
        description="A task now and at each change, until it ends. A failing id ends with `error`.",
    )
    tasks_updated: AsyncGenerator[TaskUpdate, None] = strawberry.subscription(
        resolver=_tasks_updated,
        description="The same for many tasks in one stream, which completes when every id has ended.",
    )
