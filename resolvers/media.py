"""Media by id, their details, and which of their URLs to hand out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from loaders import expiry, ids
from loaders.ids import GlobalId, Kind
from loaders.records import MediaDetails, MediaRecord, MediaUrl, MediaVariant
from resolvers import routing
from resolvers.context import Operation

_BY_SIZE = tuple(MediaVariant)  # the largest first


async def by_id(context: Operation, id: str) -> MediaRecord | None:
    """The medium with its details; None where its source has no such one. Raises InvalidId, SourceError."""
    return await load(context, ids.parse(id, Kind.MEDIA))


async def by_ids(context: Operation, wanted: Sequence[str]) -> list[MediaRecord | Exception | None]:
    """Like by_id for each, in the order asked, duplicates included."""
    return await routing.each(context, wanted, Kind.MEDIA, lambda found: load(context, found))


async def details(context: Operation, record: MediaRecord) -> MediaDetails | None:
    """What a look at the picture tells; None where it is gone."""
    if record.details is not None:
        return record.details
    fetched = await context.loaders(record.provider).media.load(record.key)
    return None if fetched is None else fetched.details


def best(details: MediaDetails, variant: MediaVariant, *, fallback: bool) -> MediaUrl | None:
    """The URL of that variant; with fallback, where it is missing, of the nearest larger one."""
    urls = {url.variant: url for url in details.urls}
    if not fallback:
        return urls.get(variant)
    wanted = _BY_SIZE[: _BY_SIZE.index(variant) + 1]
    return next((urls[candidate] for candidate in reversed(wanted) if candidate in urls), None)


def best_url(details: MediaDetails, variant: MediaVariant, fallback: bool) -> str | None:
    """The address alone of `best`."""
    found = best(details, variant, fallback=fallback)
    return None if found is None else found.url


def earliest_expiry(details: MediaDetails) -> datetime | None:
    """When the first of the URLs ends; None where none of them tells."""
    return min((url.expires_at for url in details.urls if url.expires_at is not None), default=None)


def permalink(context: Operation, record: MediaRecord, variant: MediaVariant) -> str | None:
    """This server's redirect to the picture; None for callers with keys of their own."""
    return None if context.permalink is None else context.permalink(record, variant)


async def fresh_url(context: Operation, id: str, variant: MediaVariant) -> MediaUrl | None:
    """Where a permalink leads now; None where there is no such picture. Raises InvalidId, SourceError."""
    parsed = ids.parse(id, Kind.MEDIA)
    record = await load(context, parsed)
    if record is None:
        return None
    found = None if record.details is None else best(record.details, variant, fallback=True)
    if found is None and (url := await context.account(parsed.provider).image_url(parsed.key)):
        found = MediaUrl(variant=MediaVariant.PUBLIC, url=url, expires_at=expiry.of_url(url))
    return found


async def load(context: Operation, found: GlobalId) -> MediaRecord | None:
    """See by_id."""
    return await context.loaders(found.provider).media.load(found.key)
