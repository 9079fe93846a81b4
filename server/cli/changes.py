"""`triptych cancel`, `delete`, `rerun` and `act`: what can be done to a task that there is."""

from __future__ import annotations

from typing import Annotated

import typer

from server.cli import pictures_input
from server.cli.change import TASK, JsonOption, KeyOption, TaskArgument, change, new_key
from server.cli.remote import ServerOption


def cancel(task: TaskArgument, server: ServerOption = None, json: JsonOption = False) -> None:
    """Stop a task that waits or runs.

    Exit code 0: done; 1: refused, or nobody knows; 2: wrong usage.
    """
    mutation = f"mutation ($id: ID!) {{ cancelTask(id: $id) {{ {TASK} }} }}"
    change(server, "cancelTask", mutation, {"id": task}, as_json=json)


def delete(task: TaskArgument, server: ServerOption = None, json: JsonOption = False) -> None:
    """Remove a task and its results at the provider, for good.

    Exit code 0: done; 1: refused, or nobody knows; 2: wrong usage.
    """
    mutation = "mutation ($id: ID!) { deleteTask(id: $id) { deletedId } }"
    change(server, "deleteTask", mutation, {"id": task}, as_json=json)


def rerun(
    task: TaskArgument, key: KeyOption = None, server: ServerOption = None, json: JsonOption = False
) -> None:
    """Start a task again with the same parameters, as a new task. It may cost credits.

    Exit code 0: done; 1: refused, or nobody knows; 2: wrong usage.
    """
    mutation = (
        f"mutation ($id: ID!, $key: String) {{ rerunTask(id: $id, idempotencyKey: $key) {{ {TASK} }} }}"
    )
    key = key or new_key()
    change(server, "rerunTask", mutation, {"id": task, "key": key}, as_json=json, key=key)


def act(
    task: TaskArgument,
    action: Annotated[
        str,
        typer.Argument(metavar="ACTION", help="The button's id: one of the task's `actions { id label }`."),
    ],
    prompt: Annotated[
        str | None, typer.Option(metavar="TEXT", help="The text that some buttons ask for.")
    ] = None,
    mask: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="For an inpainting button: a picture, white where to paint."),
    ] = None,
    key: KeyOption = None,
    server: ServerOption = None,
    json: JsonOption = False,
) -> None:
    """Press a button under a Midjourney result. It may cost credits.

    Exit code 0: done; 1: refused, or nobody knows; 2: wrong usage.
    """
    mutation = (
        "mutation ($id: ID!, $action: ID!, $prompt: String, $mask: String, $key: String) { "
        "performAction(taskId: $id, actionId: $action, prompt: $prompt, maskBase64: $mask, "
        f"idempotencyKey: $key) {{ {TASK} }} }}"
    )
    key = key or new_key()
    variables = {
        "id": task,
        "action": action,
        "prompt": prompt,
        "mask": None if mask is None else pictures_input.data_url(mask, "--mask"),
        "key": key,
    }
    change(server, "performAction", mutation, variables, as_json=json, key=key)
