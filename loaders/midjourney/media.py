"""The pictures of a task that succeeded, from an object's fields (loaders.midjourney.normalise).

    <task>:0 the grid (imageUrl)   <task>:1 … the single pictures (imageUrls)   <task>:v0 … the videos
An index is the place in the source's list, so that an entry without a URL changes no other's id.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from loaders import coerce, expiry, ids
from loaders.records import MediaDetails, MediaKind, MediaRecord, MediaUrl, MediaVariant, Provider

Pair = tuple[str | None, str | None]  # the URL, and the one of its thumbnail


def grid(task_key: str, node: Mapping[str, Any], url: str | None, shape: float | None) -> MediaRecord | None:
    """The whole result: four pictures in one, or the only picture. None where there is no URL."""
    if url is None:
        return None
    singles = _pairs(node.get("imageUrls"))
    thumbnail = singles[0][1] if len(singles) == 1 else None
    return _picture(
        f"{task_key}:0",
        task_key,
        MediaDetails(
            kind=MediaKind.IMAGE,
            width=coerce.int32(node.get("width")),
            height=coerce.int32(node.get("height")),
            content_type=coerce.text(node.get("contentType")),
            urls=_urls(url, {MediaVariant.THUMBNAIL: thumbnail}),
            shape=shape,
        ),
    )


def stills(
    task_key: str, node: Mapping[str, Any], whole: MediaRecord | None, shape: float | None
) -> tuple[MediaRecord, ...]:
    """The whole and the single pictures. Where there is one single, it is the whole once more."""
    pairs = _pairs(node.get("imageUrls"))
    singles = tuple(
        _picture(
            f"{task_key}:{place}",
            task_key,
            MediaDetails(
                kind=MediaKind.IMAGE, urls=_urls(url, {MediaVariant.THUMBNAIL: thumbnail}), shape=shape
            ),
        )
        for place, (url, thumbnail) in enumerate(pairs, start=1)
        if url is not None
    )
    if whole is None:
        return singles
    return (whole,) if len(pairs) == 1 else (whole, *singles)


def videos(task_key: str, node: Mapping[str, Any], shape: float | None) -> tuple[MediaRecord, ...]:
    """The videos, each once: videoUrls holds strings or {url, thumbnail}, as a list or as its JSON text.

    videoUrl usually repeats the first of them; where it is another one, it comes last.
    """
    found: dict[str, MediaRecord] = {}
    for place, (address, poster) in enumerate(
        [*_pairs(node.get("videoUrls")), *_pairs([node.get("videoUrl")])]
    ):
        if address is None or address in found:
            continue
        posters = {MediaVariant.THUMBNAIL: poster, MediaVariant.STILL_THUMBNAIL: poster}
        found[address] = _picture(
            f"{task_key}:v{place}",
            task_key,
            MediaDetails(kind=MediaKind.VIDEO, urls=_urls(address, posters), shape=shape),
        )
    return tuple(found.values())


def is_still(picture: MediaRecord) -> bool:
    """Whether it is a picture that does not move."""
    return picture.details is not None and picture.details.kind is MediaKind.IMAGE


def _pairs(entries: object) -> list[Pair]:
    return [_pair(entry) for entry in coerce.items(coerce.embedded(entries))]


def _pair(entry: object) -> Pair:
    if isinstance(entry, Mapping):
        return coerce.url(entry.get("url")), coerce.url(entry.get("thumbnail"))
    return coerce.url(entry), None


def _picture(key: str, task_key: str, details: MediaDetails) -> MediaRecord:
    return MediaRecord(
        id=ids.media_id(Provider.MIDJOURNEY, key),
        provider=Provider.MIDJOURNEY,
        provider_id=key,
        key=key,
        task_key=task_key,
        details=details,
    )


def _urls(public: str, others: Mapping[MediaVariant, str | None]) -> tuple[MediaUrl, ...]:
    found: Iterable[tuple[MediaVariant, str | None]] = [(MediaVariant.PUBLIC, public), *others.items()]
    return tuple(
        MediaUrl(variant=variant, url=url, expires_at=expiry.of_url(url))
        for variant, url in found
        if url is not None
    )
