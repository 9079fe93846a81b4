"""Mutation: everything that can be done. What a provider does not take is refused before it is asked."""

from typing import Annotated

import strawberry
from strawberry.file_uploads import Upload

import resolvers.tasks.write
import resolvers.upload
from loaders.creations import ButtonPress
from resolvers.tasks.write import TaskWritten
from resolvers.upload import MediaUploaded
from schema.create_task import UNSET, CreateTaskInput, given
from schema.enums import Provider
from schema.field import call_field
from schema.info import Info
from schema.payload import (
    CancelTaskPayload,
    CreateTaskPayload,
    DeleteTaskPayload,
    PerformActionPayload,
    RerunTaskPayload,
    UploadMediaPayload,
)

Input = Annotated[CreateTaskInput, strawberry.argument(description="What to start.")]
TaskId = Annotated[strawberry.ID, strawberry.argument(name="id", description="The task's id.")]
OwnerId = Annotated[strawberry.ID, strawberry.argument(description="The id of the task with the button.")]
ActionId = Annotated[
    strawberry.ID, strawberry.argument(name="actionId", description="The button: an id of `Task.actions`.")
]
Prompt = Annotated[
    str | None,
    strawberry.argument(name="prompt", description="The text that some buttons ask for; absent: unchanged."),
]
Mask = Annotated[
    str | None,
    strawberry.argument(
        name="maskBase64", description="For an inpainting button: a PNG in base64, white where to paint."
    ),
]
File = Annotated[Upload, strawberry.argument(name="file", description="The picture's file.")]
Target = Annotated[
    Provider, strawberry.argument(description="Where to; PixAI alone keeps uploaded pictures.")
]
Key = Annotated[
    str | None,
    strawberry.argument(
        name="idempotencyKey",
        description=(
            "A string of your own for this one request, 1 to 255 printable characters: sent again with the "
            "same key within 24 hours, it answers the first outcome and spends nothing. A refusal frees the "
            "key. Absent: each call counts."
        ),
    ),
]


async def _create_task(info: Info, input: Input, idempotency_key: Key = UNSET) -> TaskWritten:
    return await resolvers.tasks.write.create(
        info.context, input.provider(), input.creation(), given(idempotency_key)
    )


async def _rerun_task(info: Info, id: TaskId, idempotency_key: Key = UNSET) -> TaskWritten:
    return await resolvers.tasks.write.rerun(info.context, id, given(idempotency_key))


async def _perform_action(
    info: Info,
    task_id: OwnerId,
    action_id: ActionId,
    prompt: Prompt = UNSET,
    mask: Mask = UNSET,
    idempotency_key: Key = UNSET,
) -> TaskWritten:
    press = ButtonPress(action_id=action_id, prompt=given(prompt), mask_base64=given(mask))
    return await resolvers.tasks.write.perform_action(info.context, task_id, press, given(idempotency_key))


async def _cancel_task(info: Info, id: TaskId) -> TaskWritten:
    return await resolvers.tasks.write.cancel(info.context, id)


async def _delete_task(info: Info, id: TaskId) -> TaskWritten:
    return await resolvers.tasks.write.delete(info.context, id)


async def _upload_media(info: Info, file: File, provider: Target = Provider.PIXAI) -> MediaUploaded:
    return await resolvers.upload.upload(info.context, provider, file)


@strawberry.type(
    description=(
        "Everything that can be done. What may cost credits is sent to the provider once and never retried; "
        "where its outcome is unknown, the error says so."
    )
)
class Mutation:
    """The part of the graph that changes something."""

    create_task: CreateTaskPayload | None = call_field(
        _create_task,
        description="Start a task. Answers as soon as the provider has accepted it; it may cost credits.",
    )
    rerun_task: RerunTaskPayload | None = call_field(
        _rerun_task,
        description=(
            "Start a task again with the same parameters, as a new task; it may cost credits. Meshy does not "
            "tell them: there, only tasks that this server has started lately can be."
        ),
    )
    perform_action: PerformActionPayload | None = call_field(
        _perform_action, description="Press a button under a Midjourney result; it may cost credits."
    )
    cancel_task: CancelTaskPayload | None = call_field(
        _cancel_task,
        description=(
            "Stop a task that waits or runs; the payload shows what became of it. Whether credits come back "
            "is the provider's affair."
        ),
    )
    delete_task: DeleteTaskPayload | None = call_field(
        _delete_task, description="Remove a task and its results at the provider, for good."
    )
    upload_media: UploadMediaPayload | None = call_field(
        _upload_media,
        description="Upload a picture to work from (PNG, JPEG, WebP or GIF), by a multipart request.",
    )
