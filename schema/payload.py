"""What mutations answer.

The id is never lost behind a failing read: what was paid for can be found again.
"""

import strawberry

from schema.media import Media
from schema.task import Task

_TASK = "The task as it stands now; null where it could not be read yet. `taskId` is valid either way."


@strawberry.type(description="A task that was started.")
class CreateTaskPayload:
    """What createTask answers."""

    task_id: strawberry.ID = strawberry.field(description="The new task's global id.")
    task: Task | None = strawberry.field(description=_TASK)


@strawberry.type(description="A task that was started again.")
class RerunTaskPayload:
    """What rerunTask answers."""

    task_id: strawberry.ID = strawberry.field(
        description="The new task's global id; the old one stays as it is."
    )
    task: Task | None = strawberry.field(description=_TASK)


@strawberry.type(description="A task that a button started, or moved on.")
class PerformActionPayload:
    """What performAction answers."""

    task_id: strawberry.ID = strawberry.field(
        description="The id of the task that the button started, or of the same task where it only moved on."
    )
    task: Task | None = strawberry.field(description=_TASK)


@strawberry.type(description="A task whose cancellation was requested.")
class CancelTaskPayload:
    """What cancelTask answers."""

    task_id: strawberry.ID = strawberry.field(description="The task's global id.")
    task: Task | None = strawberry.field(description=_TASK)


@strawberry.type(description="A task that was removed.")
class DeleteTaskPayload:
    """What deleteTask answers."""

    deleted_id: strawberry.ID = strawberry.field(
        description="The global id that no longer stands for anything."
    )


@strawberry.type(description="A picture that was uploaded.")
class UploadMediaPayload:
    """What uploadMedia answers."""

    media_id: strawberry.ID = strawberry.field(description="The new picture's global id.")
    media: Media | None = strawberry.field(
        description="The picture; null where it could not be read yet. `mediaId` is valid either way."
    )
