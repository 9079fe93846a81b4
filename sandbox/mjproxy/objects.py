"""A task as each flavour of midjourney-proxy writes it."""

from __future__ import annotations

from sandbox.midjourney.files import Files
from sandbox.midjourney.prompts import seed_of
from sandbox.midjourney.records import Json, Task
from sandbox.midjourney.rows import relayed, row

JAVA = (
    *("id", "action", "status", "prompt", "promptEn", "description", "state"),
    *("submitTime", "startTime", "finishTime", "imageUrl", "progress", "failReason", "properties"),
)


def csharp(task: Task, files: Files) -> Json:
    """All the fields of the C# server; what is not there is null."""
    image, videos, art = files.image(task) or None, files.videos(task), task.art
    singles = files.singles(task)
    usual: Json = {
        "id": task.id,
        "parentId": task.parent or None,
        "botType": "NIJI_JOURNEY" if "--niji" in task.prompt else "MID_JOURNEY",
        "mode": "FAST",
        "action": task.action,
        "status": task.status,
        "prompt": task.prompt,
        "promptEn": task.final_prompt,
        "description": task.description,
        "state": task.state or None,
        "submitTime": task.submit,
        "startTime": task.start or None,
        "finishTime": task.finish or None,
        "imageUrl": image,
        "imageUrls": singles,
        "thumbnailUrl": singles[0]["thumbnail"] if singles else None,
        "videoUrl": videos[0]["url"] if videos else None,
        "videoUrls": videos,
        "width": art.width if art else None,
        "height": art.height if art else None,
        "contentType": "image/png" if image and task.ended else None,
        "progress": task.progress,
        "failReason": task.fail_reason or None,
        "buttons": list(task.buttons),
        "properties": _properties(task),
        "jobId": art.job if art else None,
        "seed": task.seed if task.seed_known else seed_of(task.prompt),
        "seedError": None,
        "instanceId": "1300842274347028519",
        "isPartner": False,
        "isOfficial": bool(singles),
        "version": None,
    }
    return usual | dict(task.in_task)


def java(task: Task, files: Files) -> Json:
    """The fewer fields of the open-source Java server."""
    whole = csharp(task, files)
    return {name: whole[name] for name in JAVA}


def reseller(task: Task, files: Files) -> Json:
    """As a reseller's new-api writes it: no nulls except for lists and objects, no videos."""
    image = files.image(task)
    return relayed(row(task, image, []), image, videos=False)


SHAPES = {"csharp": csharp, "java": java, "reseller": reseller}


def _properties(task: Task) -> Json:
    if task.art is None or not task.ended:
        return {
            "notifyHook": task.hook or None,
            "finalPrompt": task.final_prompt,
            "nonce": str(task.submit << 22),
        }
    return {
        "notifyHook": task.hook or None,
        "finalPrompt": task.final_prompt,
        "messageId": task.art.message,
        "messageHash": task.art.job,
        "progressMessageId": str(int(task.art.message) - (9 << 22)),
        "flags": 0,
        "nonce": str(task.submit << 22),
        "discordInstanceId": "1300842274347028519",
    }
