"""A task as a row of new-api, and as the object that new-api's relay makes of the row."""

from __future__ import annotations

from typing import Literal

from sandbox.json_text import dumps, loads
from sandbox.midjourney.records import Json, Task

Unit = Literal["ms", "s"]


def row(task: Task, image_url: str, videos: list[Json], unit: Unit = "ms") -> Json:
    """The fields of a row, in new-api's order. unit: of the three times; the real server's are ms.

    buttons, properties and video_urls are JSON text; "" is none. A failure has progress "100%".
    """
    scale = 1 if unit == "ms" else 1000
    usual: Json = {
        "id": task.row,
        "code": task.code,
        "user_id": task.user,
        "action": task.action,
        "mj_id": task.id,
        "prompt": task.prompt,
        "prompt_en": task.final_prompt,
        "description": task.description,
        "state": task.state,
        "submit_time": task.submit // scale,
        "start_time": task.start // scale,
        "finish_time": task.finish // scale,
        "image_url": image_url,
        "video_url": videos[0]["url"] if videos else "",
        "video_urls": _text([{"url": one["url"]} for one in videos]) if videos else "",
        # Right after the submit a row has no status at all.
        "status": "" if task.schedule and task.status == "NOT_START" else task.status,
        "progress": "100%" if task.status == "FAILURE" else task.progress or "0%",
        "fail_reason": task.fail_reason,
        "channel_id": task.channel,
        "quota": task.quota,
        "buttons": _text(task.buttons) if task.buttons else "",
        "properties": _text({"finalPrompt": task.final_prompt, "finalZhPrompt": ""}) if task.id else "",
    }
    instead = {name: value(usual) if callable(value) else value for name, value in task.in_row.items()}
    return usual | instead


def relayed(row: Json, image_url: str, *, videos: bool) -> Json:
    """The row as a task object. Absent texts are "", absent times 0, absent lists and objects null.

    videos: whether this build has them; older ones do not.
    """
    properties = _parsed(row["properties"])
    found: Json = {
        "id": row["mj_id"],
        "action": row["action"],
        "customId": "",
        "botType": "",
        "prompt": row["prompt"],
        "promptEn": row["prompt_en"],
        "description": row["description"],
        "state": row["state"],
        "submitTime": row["submit_time"],
        "startTime": row["start_time"],
        "finishTime": row["finish_time"],
        "imageUrl": image_url,
        "videoUrl": row.get("video_url", ""),
        "videoUrls": _videos(row.get("video_urls", "")),
        "status": row["status"],
        "progress": row["progress"],
        "failReason": row["fail_reason"],
        "buttons": _list(row["buttons"]),
        "maskBase64": "",
        "properties": None,
    }
    if isinstance(properties, dict):
        found["properties"] = {name: properties.get(name, "") for name in ("finalPrompt", "finalZhPrompt")}
    return found if videos else {name: value for name, value in found.items() if "video" not in name}


def _text(value: object) -> str:
    return dumps(value).decode()


def _parsed(text: str) -> object:
    try:
        return loads(text.encode())
    except ValueError:
        return None


def _list(text: str) -> list[object] | None:
    value = _parsed(text)
    return value if isinstance(value, list) else None


def _videos(text: str) -> list[object] | None:
    """Only the form with objects fits new-api's own type."""
    found = _list(text)
    return found if found and all(isinstance(one, dict) for one in found) else None
