"""Subscription: tasks as they change. A view of the updates of resolvers/tasks/watch.py."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated, Any

import strawberry

import resolvers.tasks.watch
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


def _task_updated(info: Info, id: TaskId) -> AsyncGenerator[TaskUpdate, None]:
    return _shown(resolvers.tasks.watch.watch(info.context, [id]))


def _tasks_updated(info: Info, ids: TaskIds) -> AsyncGenerator[TaskUpdate, None]:
    return _shown(resolvers.tasks.watch.watch(info.context, ids))


async def _shown(updates: resolvers.tasks.watch.Updates) -> AsyncGenerator[TaskUpdate, None]:
    async with aclosing(updates):
        async for name, update in updates:
            record: Any = update.task  # shown by the type Task
            error = None if update.error is None else to_graphql(update.error)
            yield TaskUpdate(
                task_id=strawberry.ID(name), task=record, is_deleted=update.is_deleted, error=error
            )


@strawberry.type(description="Tasks as they change.")
class Subscription:
    """The part of the graph that goes on telling."""

    task_updated: AsyncGenerator[TaskUpdate, None] = strawberry.subscription(
        resolver=_task_updated,
        description=(
            "A task now and at each change, until it ends. Its last update has the task as it ended; null "
            "where there is none, it was deleted (`isDeleted`) or cannot be read (`error`). "
            "A task that is ACTION_REQUIRED may go on, and so does the stream. A slow reader gets the latest "
            "state instead of every one before it."
        ),
    )
    tasks_updated: AsyncGenerator[TaskUpdate, None] = strawberry.subscription(
        resolver=_tasks_updated,
        description="The same for many tasks in one stream, which completes when every id has ended.",
    )
