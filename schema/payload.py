"""What mutations answer.

The id is never lost behind a failing read: what was paid for can be found again.
"""

import strawberry

from resolvers.context import RequestContext
from resolvers.need import Need
from resolvers.tasks.write import TaskWritten
from resolvers.upload import MediaUploaded
from schema.field import Arguments, load_field
from schema.media import Media
from schema.task import Task


def _task(record: TaskWritten, _given: Arguments, _context: RequestContext) -> Need:
    return record.task()


def _media(record: MediaUploaded, _given: Arguments, _context: RequestContext) -> Need:
    return record.media()


def task_field() -> Task | None:
    """The task, read anew."""
    found: Task | None = load_field(
        key=_task,
        description=(
            "The task as it stands now; null where it could not be read yet. `taskId` is valid either way."
        ),
    )
    return found


@strawberry.type(description="A task that was started.")
class CreateTaskPayload:
    """A view of TaskWritten."""

    task_id: strawberry.ID = strawberry.field(description="The new task's global id.")
    task: Task | None = task_field()


@strawberry.type(description="A task that was started again.")
class RerunTaskPayload:
    """A view of TaskWritten."""

    task_id: strawberry.ID = strawberry.field(
        description="The new task's global id; the old one stays as it is."
    )
    task: Task | None = task_field()


@strawberry.type(description="A task that a button started, or moved on.")
class PerformActionPayload:
    """A view of TaskWritten."""

    task_id: strawberry.ID = strawberry.field(
        description="The id of the task that the button started, or of the same task where it only moved on."
    )
    task: Task | None = task_field()


@strawberry.type(description="A task whose cancellation was requested.")
class CancelTaskPayload:
    """A view of TaskWritten."""

    task_id: strawberry.ID = strawberry.field(description="The task's global id.")
    task: Task | None = task_field()


@strawberry.type(description="A task that was removed.")
class DeleteTaskPayload:
    """A view of TaskWritten."""

    deleted_id: strawberry.ID = strawberry.field(
        description="The global id that no longer stands for anything."
    )


@strawberry.type(description="A picture that was uploaded.")
class UploadMediaPayload:
    """A view of MediaUploaded."""

    media_id: strawberry.ID = strawberry.field(description="The new picture's global id.")
    media: Media | None = load_field(
        key=_media,
        description="The picture; null where it could not be read yet. `mediaId` is valid either way.",
    )
