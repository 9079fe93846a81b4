"""new-api's rows and midjourney-proxy's objects as records. Pure; what is missing or malformed becomes None.

    row     {"mj_id": "173…", "submit_time": 1730621826053, "buttons": "[{…}]", "video_urls": "[…]"}
    object  {"id":    "173…", "submitTime":  1730621826053, "buttons":  [{…}],  "videoUrls":   […]}
A row has the owner, the channel and the cost; an object has the single pictures, the bot and, once
somebody has asked for it, the seed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from loaders import coerce, ids
from loaders.midjourney import media
from loaders.partly import TASK, partly
from loaders.records import (
    Cost,
    CostUnit,
    MediaRecord,
    Provider,
    SeedOrigin,
    SeedRecord,
    TaskAction,
    TaskFailure,
    TaskRecord,
    TaskStatus,
)

# an object's spelling -> a row's; other fields are spelled alike
_IN_ROW = {
    "promptEn": "prompt_en",
    "submitTime": "submit_time",
    "startTime": "start_time",
    "finishTime": "finish_time",
    "imageUrl": "image_url",
    "videoUrl": "video_url",
    "videoUrls": "video_urls",
    "failReason": "fail_reason",
}

CONFIRM = "confirm"  # the action of a task that waits for a person; no button of Midjourney's is called so
UNLISTED = "row:"  # in front of the key of a row without an id: a submit that was not accepted

_CHOSEN_SHAPE = re.compile(r"(?:^|\s)--(?:ar|aspect)[\s=]+([1-9]\d{0,4}):([1-9]\d{0,4})(?!\S)")
_CHOSEN_SEED = re.compile(r"(?:^|\s)--seed[\s=]+(\d{1,20})(?!\S)")


def proxy_task(node: Mapping[str, Any]) -> TaskRecord | None:
    """A task object of midjourney-proxy or of new-api's relay; None where it has no id."""
    key = coerce.text(node.get("id"))
    return None if key is None else _read(node, key, provider_id=key)


def newapi_row(item: Mapping[str, Any]) -> TaskRecord | None:
    """A row of new-api's lists; None where it has neither an id nor a number."""
    mj_id, number = coerce.text(item.get("mj_id")), coerce.text(item.get("id"))
    if mj_id is None and number is None:
        return None
    key = mj_id or f"{UNLISTED}{coerce.integer(item.get('submit_time')) or 0}:{number}"
    return _read(item, key, provider_id=mj_id or number or "")


def is_row(record: TaskRecord) -> bool:
    """Whether the record was made from a row of new-api's."""
    return "mj_id" in coerce.mapping(record.raw)


def row_number(record: TaskRecord) -> int:
    """The number of the row that the record was made from; the higher, the later it was stored."""
    return coerce.integer(coerce.mapping(record.raw).get("id")) or 0


def chosen_seed(node: Mapping[str, Any]) -> int | None:
    """The `--seed` that the submitter chose, from an object, a row, or an answer of image-seed.

    The prompts that Midjourney made come before the one that was sent.
    """
    found = _chosen(_CHOSEN_SEED, node)
    return None if found is None else int(found[1])


def chosen_shape(node: Mapping[str, Any]) -> float:
    """Width / height as the prompt's `--ar` wants it; 1 where it does not, as at Midjourney."""
    found = _chosen(_CHOSEN_SHAPE, node)
    return 1.0 if found is None else int(found[1]) / int(found[2])


def _chosen(option: re.Pattern[str], node: Mapping[str, Any]) -> re.Match[str] | None:
    fields = _as_object(node)
    final = coerce.mapping(coerce.embedded(fields.get("properties"))).get("finalPrompt")
    prompts = (coerce.text(prompt) or "" for prompt in (final, fields.get("promptEn"), fields.get("prompt")))
    return next(filter(None, map(option.search, prompts)), None)


def seed(task_key: str, value: int, origin: SeedOrigin, pictures: Iterable[MediaRecord]) -> SeedRecord:
    """The one seed of a task, from which all its stills were grown; its videos were not."""
    return SeedRecord(
        id=ids.seed_id(Provider.MIDJOURNEY, task_key),
        provider=Provider.MIDJOURNEY,
        value=value,
        origin=origin,
        task_key=task_key,
        media=tuple(picture for picture in pictures if media.is_still(picture)),
    )


def _as_object(item: Mapping[str, Any]) -> Mapping[str, Any]:
    """{"submit_time": 1, "id": 7} -> {"submitTime": 1, "id": 7, …}; an object stays as it is."""
    return {**item, **{name: item[in_row] for name, in_row in _IN_ROW.items() if in_row in item}}


def _read(raw: Mapping[str, Any], key: str, *, provider_id: str) -> TaskRecord:
    """raw: a row or an object, as sent."""
    provider_status = coerce.word(raw.get("status"))
    status = coerce.status(provider_status)
    # MODAL waits for a person: whoever polls may stop
    is_terminal = status is TaskStatus.ACTION_REQUIRED or coerce.is_over(status, _field(raw, "finishTime"))
    return _task(
        ids.task_id(Provider.MIDJOURNEY, key),
        Provider.MIDJOURNEY,
        provider_id,
        key,
        status,
        provider_status,
        is_terminal,
        coerce.time(_field(raw, "submitTime")),
        raw,
        coerce.text(raw.get("user_id")),
        coerce.text(raw.get("channel_id")),
    )


def _field(raw: Mapping[str, Any], name: str) -> object:
    in_row = _IN_ROW[name]
    return raw[in_row] if in_row in raw else raw.get(name)


def _rest(record: TaskRecord) -> Mapping[str, object]:
    node, key, status = _as_object(coerce.mapping(record.raw)), record.key, record.status
    started_at, finished_at = coerce.time(node.get("startTime")), coerce.time(node.get("finishTime"))
    is_finished = record.is_terminal and status is not TaskStatus.ACTION_REQUIRED
    succeeded = status is TaskStatus.SUCCEEDED
    image = coerce.url(node.get("imageUrl"))
    shape = chosen_shape(node) if succeeded else 1.0
    grid = media.grid(key, node, image, shape) if succeeded else None
    stills = media.stills(key, node, grid, shape) if succeeded else ()
    results = (*stills, *media.videos(key, node, shape)) if succeeded else ()
    return {
        "progress": coerce.progress(node.get("progress")),
        "operation": coerce.text(node.get("action")),
        "prompt": coerce.text(node.get("prompt")),
        "prompt_english": coerce.text(node.get("promptEn")),
        "description": coerce.text(node.get("description")),
        "started_at": started_at,
        "finished_at": finished_at,
        "duration": coerce.seconds_between(started_at, finished_at),
        "media": results,
        "cover": grid if grid is not None else next(iter(results), None),
        # a row has the address of a picture from its first moment on, finished or not
        "preview": None if is_finished else image,
        "seeds": _seeds(node, key, stills) if succeeded else (),
        "failure": _failure(status, coerce.text(node.get("failReason"))),
        "cost": _cost(node.get("quota")),
        "actions": _actions(status, coerce.embedded(node.get("buttons"))),
        "state": coerce.text(node.get("state")),
        "bot_type": coerce.text(node.get("botType")),
    }


_task = partly(TaskRecord, (*TASK, "owner_id", "channel_id"), _rest, Provider.MIDJOURNEY)


def _seeds(
    node: Mapping[str, Any], key: str, stills: tuple[MediaRecord, ...]
) -> tuple[SeedRecord, ...] | None:
    # the C# server's task has its seed once image-seed has been asked, or where the prompt fixed it
    value = coerce.integer(node.get("seed"))
    return None if value is None or value < 0 else (seed(key, value, SeedOrigin.REPORTED, stills),)


def _failure(status: TaskStatus, reason: str | None) -> TaskFailure | None:
    if status is TaskStatus.FAILED:
        return TaskFailure(message=reason or "Midjourney gave no reason")
    return TaskFailure(message=reason) if reason and status is TaskStatus.CANCELED else None


def _cost(quota: object) -> Cost | None:
    # 0 says that nothing was taken; absence says nothing
    amount = coerce.integer(quota)
    return None if amount is None else Cost(amount=amount, unit=CostUnit.QUOTA)


def _actions(status: TaskStatus, buttons: object) -> tuple[TaskAction, ...]:
    found = tuple(_buttons(buttons))
    if found or status is not TaskStatus.ACTION_REQUIRED:
        return found
    return (TaskAction(id=CONFIRM, label="Confirm"),)  # the window that waits has no buttons of its own


def _buttons(buttons: object) -> Iterable[TaskAction]:
    for button in map(coerce.mapping, coerce.items(buttons)):
        custom_id = coerce.text(button.get("customId"))
        if custom_id is not None:  # one without cannot be pressed
            yield TaskAction(
                id=custom_id,
                label=coerce.text(button.get("label")),
                emoji=coerce.text(button.get("emoji")),
                style=coerce.int32(button.get("style")),
                type=coerce.int32(button.get("type")),
            )
