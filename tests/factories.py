"""Records for tests: whole ones, of which a test names only what it is about."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from loaders.records import (
    MediaDetails,
    MediaRecord,
    MediaUrl,
    MediaVariant,
    Provider,
    TaskRecord,
    TaskStatus,
)


def url(variant: MediaVariant = MediaVariant.PUBLIC, *, ends: float | None = None) -> MediaUrl:
    """An address. ends: epoch seconds; None: it does not tell."""
    end = None if ends is None else datetime.fromtimestamp(ends, UTC)
    return MediaUrl(variant=variant, url=f"https://a.example/{variant.value}", expires_at=end)


def media(
    *urls: MediaUrl, key: str = "1", provider: Provider = Provider.PIXAI, known: bool = True
) -> MediaRecord:
    """A picture with these addresses. known: whether its details are in hand."""
    return MediaRecord(
        id=f"media:{provider.value.lower()}:{key}",
        provider=provider,
        provider_id=key,
        key=key,
        details=MediaDetails(urls=urls) if known else None,
    )


def task(key: str = "1", provider: Provider = Provider.PIXAI, **changes: Any) -> TaskRecord:
    """A finished task without pictures. changes: of the record's fields."""
    given: dict[str, Any] = {
        "id": f"task:{provider.value.lower()}:{key}",
        "provider": provider,
        "provider_id": key,
        "key": key,
        "status": TaskStatus.SUCCEEDED,
        "provider_status": "completed",
        "is_terminal": True,
    }
    return TaskRecord(**given | changes)
