"""PixAI's JSON -> records. Pure; whatever is missing or odd degrades to None, nothing raises."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from loaders import expiry, ids, values
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
_VARIANTS = {variant.value: variant for variant in MediaVariant} | {"ORIGINAL": MediaVariant.PUBLIC}
_KINDS = {kind.value: kind for kind in MediaKind}


def task(node: Mapping[str, Any], key: str) -> TaskRecord:
    """A Task of the GraphQL API, or of REST, whose outputs are {mediaIds, mediaUrls} and hold no seeds."""
    outputs = values.mapping(node.get("outputs"))
    parameters = values.mapping(node.get("parameters"))
    details = values.mapping(outputs.get("detailParameters"))
    provider_status = node.get("status") if isinstance(node.get("status"), str) else ""
    status = values.status(provider_status)
    media = tuple(_picture(media_key, key) for media_key in _results(outputs))
    return TaskRecord(
        id=ids.task_id(Provider.PIXAI, key),
        provider=Provider.PIXAI,
        provider_id=key,
        key=key,
        status=status,
        provider_status=provider_status or "",
        is_terminal=status not in _WAITING,  # the official clients' rule
        operation="generation",
        model=values.text(parameters.get("modelId")),
        prompt=values.text(parameters.get("prompts")),
        negative_prompt=(
            values.text(parameters.get("negativePrompts")) or values.text(details.get("negativePrompts"))
        ),
        created_at=values.time(node.get("createdAt")),
        started_at=values.time(node.get("startedAt")),
        finished_at=values.time(node.get("endAt")),
        updated_at=values.time(node.get("updatedAt")),
        duration=values.number(outputs.get("duration")),
        media=media,
        cover=_cover(outputs, key),
        seeds=tuple(_seeds(key, media, outputs, parameters)),
        failure=_failure(outputs) if status is TaskStatus.FAILED else None,
        owner_id=values.text(node.get("userId")),
        parameters=node.get("parameters"),
        raw=node,
    )


def media(node: Mapping[str, Any], key: str) -> MediaRecord:
    """A Media of the GraphQL API or of `GET /v1/media/:id`."""
    return MediaRecord(
        id=ids.media_id(Provider.PIXAI, key),
        provider=Provider.PIXAI,
        provider_id=key,
        key=key,
        details=MediaDetails(
            kind=_KINDS.get((values.text(node.get("type")) or "").upper()),
            width=values.int32(node.get("width")),
            height=values.int32(node.get("height")),
            content_type=values.text(node.get("imageType")),
            urls=tuple(_urls(node.get("urls"))),
        ),
    )


def _urls(entries: object) -> Iterable[MediaUrl]:
    # variant and url may both be null; the first entry of a variant that has a URL counts
    found: dict[MediaVariant, str] = {}
    for entry in map(values.mapping, values.items(entries)):
        variant = _VARIANTS.get(values.text(entry.get("variant")) or "")
        url = values.text(entry.get("url"))
        if variant is not None and url is not None:
            found.setdefault(variant, url)
    for variant in MediaVariant:  # the largest first, however they were sent
        if (url := found.get(variant)) is not None:
            yield MediaUrl(variant=variant, url=url, expires_at=expiry.of_url(url))


def _picture(media_key: str, task_key: str) -> MediaRecord:
    return MediaRecord(
        id=ids.media_id(Provider.PIXAI, media_key),
        provider=Provider.PIXAI,
        provider_id=media_key,
        key=media_key,
        task_key=task_key,
    )


def _results(outputs: Mapping[str, Any]) -> list[str]:
    # the official rule: a batch's own media, never the outer mediaId beside it (that is the cover)
    found: list[object]
    if outputs.get("videos"):
        found = [values.mapping(video).get("mediaId") for video in values.items(outputs["videos"])]
    elif isinstance(outputs.get("batch"), list):
        found = [values.mapping(item).get("mediaId") for item in outputs["batch"]]
    elif values.items(outputs.get("batchMediaIds")):
        found = outputs["batchMediaIds"]
    elif values.items(outputs.get("mediaIds")):
        found = outputs["mediaIds"]
    else:
        found = [outputs.get("mediaId")]
    return list(dict.fromkeys(key for item in found if (key := values.text(item)) is not None))


def _cover(outputs: Mapping[str, Any], task_key: str) -> MediaRecord | None:
    media_key = values.text(outputs.get("mediaId"))
    if media_key is None:
        posters = (
            values.mapping(video).get("thumbnailMediaId") for video in values.items(outputs.get("videos"))
        )
        media_key = next(filter(None, map(values.text, posters)), None)
    return None if media_key is None else _picture(media_key, task_key)


def _seeds(
    task_key: str, media: tuple[MediaRecord, ...], outputs: Mapping[str, Any], parameters: Mapping[str, Any]
) -> Iterable[SeedRecord]:
    own: dict[str | None, int | None] = {}
    for item in [*values.items(outputs.get("batch")), *values.items(outputs.get("videos"))]:
        entry = values.mapping(item)
        own.setdefault(values.text(entry.get("mediaId")), values.integer(entry.get("seed")))
    reported = values.integer(outputs.get("seed"))
    if reported is None:
        reported = values.integer(values.mapping(outputs.get("detailParameters")).get("seed"))
    wished = values.integer(parameters.get("seed"))  # "" means random
    for picture in media:
        value, origin = own.get(picture.key), SeedOrigin.REPORTED
        if value is None:
            value = reported
        if value is None:
            value, origin = wished, SeedOrigin.PARAMETER
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
        inner = values.mapping(reason)
        if (message := values.text(inner.get("message") if inner else reason)) is not None:
            return TaskFailure(message=message, code=values.text(inner.get("code") or outputs.get("code")))
    return TaskFailure(message="PixAI gives no reason", code=values.text(outputs.get("code")))
