"""Meshy's JSON -> records. Pure; whatever is missing or malformed becomes None, nothing raises."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from loaders import coerce, expiry, ids
from loaders.course import Part
from loaders.partly import TASK, partly
from loaders.records import (
    Cost,
    CostUnit,
    MediaDetails,
    MediaKind,
    MediaRecord,
    MediaUrl,
    MediaVariant,
    Provider,
    TaskFailure,
    TaskRecord,
    TaskStatus,
)

_CONTENT_TYPES = {"png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "webp": "image/webp"}

# By task_error.type, else by its code. Another try helps where the service was at fault, not the input.
_RETRYABLE = {
    "timeout": True,
    "service_unavailable": True,
    "server_error": True,
    "invalid_input": False,
    "image_too_complex": False,
    "model_missing_uv": False,
    "model_insufficient_uv": False,
    "moderation_blocked": False,
    "format_conversion_failed": False,
}


def task(node: Mapping[str, Any], key: str) -> TaskRecord:
    """A task object of one of Meshy's picture resources. key: "image-to-image:018a…"."""
    provider_status = coerce.word(node.get("status"))
    status = coerce.status(provider_status)
    return _task(
        ids.task_id(Provider.MESHY, key),
        Provider.MESHY,
        key.partition(":")[2],
        key,
        status,
        provider_status,
        coerce.is_over(status, node.get("finished_at")),
        coerce.time(node.get("created_at")),
        node,
    )


def _rest(record: TaskRecord) -> Mapping[str, object]:
    node, key, status = coerce.mapping(record.raw), record.key, record.status
    started_at, finished_at = coerce.time(node.get("started_at")), coerce.time(node.get("finished_at"))
    expires_at = coerce.time(node.get("expires_at"))
    media = tuple(_media(node.get("image_urls"), key, expires_at))
    return {
        "progress": coerce.progress(node.get("progress")),
        "operation": coerce.text(node.get("type")) or key.partition(":")[0],
        "model": coerce.text(node.get("ai_model")),
        "prompt": coerce.text(node.get("prompt")),
        "description": coerce.text(node.get("name")),
        "started_at": started_at,
        "finished_at": finished_at,
        "expires_at": expires_at,
        # left over from the queue, it may stay on a task that runs
        "queue_position": coerce.int32(node.get("preceding_tasks")) if status is TaskStatus.QUEUED else None,
        "duration": coerce.seconds_between(started_at, finished_at),
        "media": media,
        "cover": next(iter(media), None),
        "failure": _failure(coerce.mapping(node.get("task_error")), status),
        "cost": _cost(node.get("consumed_credits")),
    }


_task = partly(TaskRecord, TASK, _rest, Provider.MESHY)


def part(node: Mapping[str, Any]) -> Part | None:
    """What a stream says of a task that is under way: {id, progress, status}; None for all of a task.

    The last message is the whole object, as is one that says more than those three.
    """
    if node.keys() - {"id", "progress", "status"}:
        return None
    provider_status = coerce.word(node.get("status"))
    return Part(coerce.status(provider_status), provider_status, coerce.progress(node.get("progress")))


def _media(urls: object, task_key: str, expires_at: datetime | None) -> Iterable[MediaRecord]:
    # by their place in the list, so that a URL which is not there yet changes no other's id
    for index, entry in enumerate(coerce.items(urls)):
        url = coerce.url(entry)
        if url is None:
            continue
        key = f"{task_key}:{index}"
        yield MediaRecord(
            id=ids.media_id(Provider.MESHY, key),
            provider=Provider.MESHY,
            provider_id=key.partition(":")[2],
            key=key,
            task_key=task_key,
            details=MediaDetails(
                kind=MediaKind.IMAGE,
                content_type=_content_type(url),
                urls=(
                    MediaUrl(
                        variant=MediaVariant.PUBLIC, url=url, expires_at=expiry.of_url(url) or expires_at
                    ),
                ),
            ),
        )


def _content_type(url: str) -> str | None:
    """Guessed from the path's suffix: Meshy does not report it."""
    try:
        path = urlsplit(url).path
    except ValueError:
        return None
    return _CONTENT_TYPES.get(path.rpartition(".")[2].lower())


def _failure(error: Mapping[str, Any], status: TaskStatus) -> TaskFailure | None:
    # {"message": ""} is what a task without an error has
    message = coerce.text(error.get("message"))
    if message is None and status is not TaskStatus.FAILED:
        return None
    type_, code = coerce.text(error.get("type")), coerce.text(error.get("code"))
    retryable = _RETRYABLE.get(type_ or "")
    return TaskFailure(
        message=message or "Meshy gave no reason",
        code=code or type_,
        retryable=_RETRYABLE.get(code or "") if retryable is None else retryable,
    )


def _cost(credits: object) -> Cost | None:
    # 0 says that nothing was taken; absence says nothing
    amount = coerce.integer(credits)
    return None if amount is None else Cost(amount=amount, unit=CostUnit.CREDITS)
