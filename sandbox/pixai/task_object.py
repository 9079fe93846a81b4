"""A task as PixAI's REST answers it, and as its two kinds of webhook post it."""

from __future__ import annotations

from sandbox.pixai.files import Files
from sandbox.pixai.records import Json, Task, iso
from sandbox.pixai.snowflakes import task_id
from sandbox.pixai.world import World

REST_FIELDS = ("id", "status", "createdAt", "updatedAt", "startedAt", "endAt")
# The names of events spell it with one l.
EVENTS = {
    "running": "task_running",
    "completed": "task_completed",
    "failed": "task_failed",
    "cancelled": "task_canceled",
}


def rest_task(task: Task, world: World, files: Files, now: float) -> Json:
    """Of /v1/task and /v2/task: another outputs object, without seeds."""
    found = [world.media(key, now) for key in task.media_ids()]
    media = [one for one in found if one is not None]
    outputs: Json = {
        "mediaIds": [one.id for one in media],
        "mediaUrls": [files.url(one, "orig") for one in media],
    }
    wire = task.wire()
    return {name: wire[name] for name in REST_FIELDS} | {"outputs": outputs}


def account_hook(task: Task, url: str, now: float) -> Json:
    """What the account's webhook receives: the task as GraphQL has it, in an envelope."""
    return {
        "id": task_id(now),
        "userId": task.user_id,
        "webhookId": "1",
        "webhookUrl": url,
        "type": _event(task),
        "retryCount": 0,
        "data": task.wire(),
        "createdAt": iso(now),
    }


def callback(task: Task, world: World, files: Files) -> Json:
    """What a task's own callbackUrl receives."""
    now = task.schedule.ends if task.schedule else task.created
    data = rest_task(task, world, files, now)
    return {
        "action": _event(task),
        "data": {k: v for k, v in data.items() if k not in ("startedAt", "endAt")},
    }


def _event(task: Task) -> str:
    return EVENTS.get(task.status or "", "task_updated")
