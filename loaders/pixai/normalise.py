"""PixAI's JSON -> records. Pure; whatever is missing or malformed becomes None, nothing raises."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from loaders import coerce, expiry, ids
from loaders.partly import TASK, partly
from loaders.records import (
    MediaDetails,
    MediaKind,
    MediaRecord,
    MediaUrl,
    MediaVariant,
    Provider,
    SeedOrigin,
    SeedRecord,
    TaskFailure,
    TaskRecord,
    TaskStatus,
)

_WAITING = frozenset({TaskStatus.QUEUED, TaskStatus.RUNNING})
_REASONS = ("reason", "failureReason", "failReason", "error", "errorMessage", "message")
_BY_SIZE = tuple(MediaVariant)  # the largest first
_PLACES = {variant.value: place for place, variant in enumerate(_BY_SIZE)} | {"ORIGINAL": 0}
_KINDS = {kind.value: kind for kind in MediaKind}


def task(node: Mapping[str, Any], key: str) -> TaskRecord:
    """A Task of the GraphQL API, or of REST, whose outputs are {mediaIds, mediaUrls} and hold no seeds."""
    provider_status = coerce.word(node.get("status"))
    status = coerce.status(provider_status)
    results = _results(coerce.mapping(node.get("outputs")))
    media = tuple([_picture(media_key, key) for media_key in results])
    return _task(
        ids.task_id(Provider.PIXAI, key),
        Provider.PIXAI,
        key,
        key,
        status,
        provider_status,
        status not in _WAITING,  # the official clients' rule
        coerce.time(node.get("createdAt")),
        node,
        media,
    )


def _rest(record: TaskRecord) -> Mapping[str, object]:
    node, key, media = coerce.mapping(record.raw), record.key, record.media
    outputs = coerce.mapping(node.get("outputs"))
    parameters = coerce.mapping(node.get("parameters"))
    details = coerce.mapping(outputs.get("detailParameters"))
    started_at, finished_at = coerce.time(node.get("startedAt")), coerce.time(node.get("endAt"))
    duration = coerce.number(outputs.get("duration"))
    return {
        "operation": "generation",
        "model": coerce.text(parameters.get("modelId")),
        "prompt": coerce.text(parameters.get("prompts")),
        "negative_prompt": (
            coerce.text(parameters.get("negativePrompts")) or coerce.text(details.get("negativePrompts"))
        ),
        "started_at": started_at,
        "finished_at": finished_at,
        "updated_at": coerce.time(node.get("updatedAt")),
        "duration": duration if duration is not None else coerce.seconds_between(started_at, finished_at),
        "cover": _cover(outputs, key) or next(iter(media), None),
        "seeds": tuple(_seeds(key, media, outputs, parameters)),
        "failure": _failure(outputs) if record.status is TaskStatus.FAILED else None,
        "owner_id": coerce.text(node.get("userId")),
        "parameters": node.get("parameters"),
    }


_task = partly(TaskRecord, (*TASK, "media"), _rest, Provider.PIXAI)


def media(node: Mapping[str, Any], key: str) -> MediaRecord:
    """A Media of the GraphQL API or of `GET /v1/media/:id`."""
    details = MediaDetails(
        _kind(node.get("type")),
        coerce.int32(node.get("width")),
        coerce.int32(node.get("height")),
        coerce.text(node.get("imageType")),
        _urls(node.get("urls")),
    )
    return MediaRecord(ids.media_id(Provider.PIXAI, key), Provider.PIXAI, key, key, None, details)


def _kind(value: object) -> MediaKind | None:
    word = coerce.word(value)
    return _KINDS.get(word) or _KINDS.get(word.upper())


def _urls(entries: object) -> tuple[MediaUrl, ...]:
    # variant and url may both be null; the first entry of a variant that has a URL counts
    found: list[str | None] = [None] * len(_BY_SIZE)
    for entry in coerce.items(entries):
        if entry.__class__ is dict:
            variant = entry.get("variant")
            place = _PLACES.get(variant) if variant.__class__ is str else None
            if place is not None and found[place] is None:
                found[place] = coerce.url(entry.get("url"))
    # however they were sent
    return tuple([_url(variant, url) for variant, url in zip(_BY_SIZE, found, strict=True) if url])


def _end(record: MediaUrl) -> Mapping[str, object]:
    return {"expires_at": expiry.of_url(record.url)}


_url = partly(MediaUrl, ("variant", "url"), _end, Provider.PIXAI)


def _picture(media_key: str, task_key: str) -> MediaRecord:
    return MediaRecord(
        ids.media_id(Provider.PIXAI, media_key), Provider.PIXAI, media_key, media_key, task_key
    )


def _results(outputs: Mapping[str, Any]) -> list[str]:
    # the official rule: a batch's own media, never the outer mediaId beside it (that is the cover)
    found: list[object]
    if outputs.get("videos"):
        found = [coerce.mapping(video).get("mediaId") for video in coerce.items(outputs["videos"])]
    elif isinstance(outputs.get("batch"), list):
        found = [coerce.mapping(item).get("mediaId") for item in outputs["batch"]]
    elif coerce.items(outputs.get("batchMediaIds")):
        found = outputs["batchMediaIds"]
    elif coerce.items(outputs.get("mediaIds")):
        found = outputs["mediaIds"]
    else:
        found = [outputs.get("mediaId")]
    return list(dict.fromkeys(key for item in found if (key := coerce.text(item)) is not None))


def _cover(outputs: Mapping[str, Any], task_key: str) -> MediaRecord | None:
    media_key = coerce.text(outputs.get("mediaId"))
    if media_key is None:
        posters = (
            coerce.mapping(video).get("thumbnailMediaId") for video in coerce.items(outputs.get("videos"))
        )
        media_key = next(filter(None, map(coerce.text, posters)), None)
    return None if media_key is None else _picture(media_key, task_key)


def _seeds(
    task_key: str, media: tuple[MediaRecord, ...], outputs: Mapping[str, Any], parameters: Mapping[str, Any]
) -> Iterable[SeedRecord]:
    own: dict[str | None, int | None] = {}
    for item in [*coerce.items(outputs.get("batch")), *coerce.items(outputs.get("videos"))]:
        entry = coerce.mapping(item)
        own.setdefault(coerce.text(entry.get("mediaId")), coerce.integer(entry.get("seed")))
    reported = coerce.integer(outputs.get("seed"))
    if reported is None:
        reported = coerce.integer(coerce.mapping(outputs.get("detailParameters")).get("seed"))
    requested = coerce.integer(parameters.get("seed"))  # "" means random
    for picture in media:
        value, origin = own.get(picture.key), SeedOrigin.REPORTED
        if value is None:
            value = reported
        if value is None:
            value, origin = requested, SeedOrigin.PARAMETER
        if value is not None:
            yield SeedRecord(
                id=ids.seed_id(Provider.PIXAI, f"{task_key}:{picture.key}"),
                provider=Provider.PIXAI,
                value=value,
                origin=origin,
                task_key=task_key,
                media=(picture,),
            )


def _failure(outputs: Mapping[str, Any]) -> TaskFailure:
    for name in _REASONS:
        reason = outputs.get(name)
        inner = coerce.mapping(reason)
        if (message := coerce.text(inner.get("message") if inner else reason)) is not None:
            return TaskFailure(message=message, code=coerce.text(inner.get("code") or outputs.get("code")))
    return TaskFailure(message="PixAI gave no reason", code=coerce.text(outputs.get("code")))
