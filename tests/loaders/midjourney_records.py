"""What Midjourney's servers send, and the records that tests expect of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from loaders.midjourney import normalise
from loaders.records import (
    MediaDetails,
    MediaKind,
    MediaRecord,
    MediaUrl,
    MediaVariant,
    Provider,
    TaskRecord,
)

DOCUMENTS = Path(__file__).parent.parent / "sandbox" / "fixtures" / "midjourney"


def document(name: str) -> Any:
    """An example of the vendors' documents."""
    return json.loads((DOCUMENTS / f"{name}.json").read_bytes())


def picture(key: str, kind: MediaKind = MediaKind.IMAGE, **details: Any) -> MediaRecord:
    """A medium of the task in front of the last colon; urls: (variant, url) pairs."""
    urls = tuple(MediaUrl(variant=variant, url=url) for variant, url in details.pop("urls"))
    return MediaRecord(
        id=f"media:midjourney:{key}",
        provider=Provider.MIDJOURNEY,
        provider_id=key,
        key=key,
        task_key=key.rpartition(":")[0],
        details=MediaDetails(kind=kind, urls=urls, **({"shape": 1.0} | details)),
    )


def public(url: str) -> list[tuple[MediaVariant, str]]:
    """For `picture`: the one URL."""
    return [(MediaVariant.PUBLIC, url)]


def node(**given: Any) -> TaskRecord:
    """Of an object with these fields."""
    record = normalise.proxy_task({"id": "1", "status": "SUCCESS"} | given)
    assert record is not None
    return record


def row(**given: Any) -> TaskRecord:
    """Of a row with these fields."""
    record = normalise.newapi_row({"id": 7, "mj_id": "1", "status": "SUCCESS"} | given)
    assert record is not None
    return record
