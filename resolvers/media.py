"""Media by id, their details, and which of their URLs to hand out."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from loaders import expiry, ids
from loaders.ids import GlobalId, Kind
from loaders.outcome import Outcome, gather_outcomes
from loaders.records import MediaDetails, MediaRecord, MediaUrl, MediaVariant
from resolvers.context import RequestContext
from resolvers.need import Need

_BY_SIZE = tuple(MediaVariant)  # the largest first


def by_id(id: str) -> Need:
    """The picture with its details; absent where its source has none with this id. Raises InvalidId."""
    return of_id(ids.parse(id, Kind.MEDIA))


async def by_ids(context: RequestContext, wanted: Iterable[str]) -> list[Outcome[MediaRecord]]:
    """Like by_id for each, settled, in the order asked; what is wrong with one id is its own outcome."""

    async def found(id: str) -> MediaRecord | None:
        record: MediaRecord | None = await context.settle(by_id(id))
        return record

    return await gather_outcomes(map(found, wanted))


def of_id(found: GlobalId) -> Need:
    """The picture that a parsed id names."""
    return Need("media", found.provider, found.key)


def details(record: MediaRecord) -> MediaDetails | Need:
    """What the picture's own entry contains; absent where the picture no longer exists."""
    if record.details is not None:
        return record.details
    return Need("media", record.provider, record.key, then=_details)


def _details(found: MediaRecord | None) -> MediaDetails | None:
    return None if found is None else found.details


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
    """When the first of the URLs ends; None where none of them says."""
    return min((url.expires_at for url in details.urls if url.expires_at is not None), default=None)


async def fresh_url(context: RequestContext, id: str, variant: MediaVariant) -> MediaUrl | None:
    """Where a permalink leads now; None where there is no such picture. Raises InvalidId, SourceError."""
    parsed = ids.parse(id, Kind.MEDIA)
    record: MediaRecord | None = await context.settle(of_id(parsed))
    if record is None:
        return None
    found = None if record.details is None else best(record.details, variant, fallback=True)
    if found is None and (url := await context.account(parsed.provider).image_url(parsed.key)):
        found = MediaUrl(variant=MediaVariant.PUBLIC, url=url, expires_at=expiry.of_url(url))
    return found
