"""PixAI's JSON into records: the documented task whole, then every oddity by itself."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from loaders.pixai import normalise
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

# PixAI's document "画像をダウンロード", with fitting values where it says `...`
DOCUMENTED: dict[str, Any] = {
    "id": "1749903535747486198",
    "userId": "1541182147551506853",
    "parameters": {"prompts": "a lighthouse", "modelId": "1648918127446573124", "seed": ""},
    "outputs": {
        "duration": 4.83,
        "detailParameters": {"negativePrompts": "lowres"},
        "mediaId": "459604021635814417",
        "batch": [{"seed": 3283868009760115, "mediaId": "459604023097100648", "extra": {}}],
    },
    "status": "completed",
    "startedAt": "2024-05-22T06:22:12.240Z",
    "endAt": "2024-05-22T06:22:18.229Z",
    "createdAt": "2024-05-22T06:22:11.557Z",
    "updatedAt": "2024-05-22T06:22:11.557Z",
}
KEY = "1749903535747486198"


def picture(key: str) -> MediaRecord:
    """One that is known through its task."""
    return MediaRecord(
        id=f"media:pixai:{key}", provider=Provider.PIXAI, provider_id=key, key=key, task_key=KEY
    )


def at(second: int, millisecond: int) -> datetime:
    return datetime(2024, 5, 22, 6, 22, second, millisecond * 1000, UTC)


def outputs(value: object, **changed: object) -> TaskRecord:
    """The documented task with other outputs."""
    return normalise.task({**DOCUMENTED, **changed, "outputs": value}, KEY)


def test_the_documented_task() -> None:
    """Every field of the record."""
    first = picture("459604023097100648")

    assert normalise.task(DOCUMENTED, KEY) == TaskRecord(
        id="task:pixai:1749903535747486198",
        provider=Provider.PIXAI,
        provider_id=KEY,
        key=KEY,
        status=TaskStatus.SUCCEEDED,
        provider_status="completed",
        is_terminal=True,
        operation="generation",
        model="1648918127446573124",
        prompt="a lighthouse",
        negative_prompt="lowres",
        created_at=at(11, 557),
        started_at=at(12, 240),
        finished_at=at(18, 229),
        updated_at=at(11, 557),
        duration=4.83,
        media=(first,),
        cover=picture("459604021635814417"),
        seeds=(
            SeedRecord(
                id=f"seed:pixai:{KEY}:459604023097100648",
                provider=Provider.PIXAI,
                value=3283868009760115,
                origin=SeedOrigin.REPORTED,
                task_key=KEY,
                media=(first,),
            ),
        ),
        owner_id="1541182147551506853",
        parameters=DOCUMENTED["parameters"],
        raw=DOCUMENTED,
    )


@pytest.mark.parametrize(
    ("sent", "media", "cover"),
    [
        ({"mediaId": "1"}, ["1"], "1"),
        ({"mediaId": "9", "batch": [{"mediaId": "1"}, {"mediaId": "2"}]}, ["1", "2"], "9"),
        ({"mediaId": "9", "batch": []}, [], "9"),
        ({"mediaId": "9", "batch": None}, ["9"], "9"),
        ({"batch": [{"mediaId": "1"}, {"mediaId": None}, {"mediaId": "1"}, None, 7]}, ["1"], None),
        ({"mediaId": "9", "batchMediaIds": ["1", "2"]}, ["1", "2"], "9"),
        ({"videos": [{"mediaId": "1", "thumbnailMediaId": "2"}]}, ["1"], "2"),
        ({"mediaIds": ["1", "2"], "mediaUrls": ["a", "b"]}, ["1", "2"], None),
        ({"mediaIds": [], "mediaUrls": []}, [], None),
        ({"mediaId": 459604023097100648}, ["459604023097100648"], "459604023097100648"),
        ({"mediaId": ""}, [], None),
        ({}, [], None),
        (None, [], None),
        ("odd", [], None),
        ([1], [], None),
    ],
)
def test_results_and_cover(sent: object, media: list[str], cover: str | None) -> None:
    """A batch's own media; the outer mediaId beside them is the cover."""
    record = outputs(sent)

    assert [one.key for one in record.media] == media
    assert (record.cover.key if record.cover else None) == cover


@pytest.mark.parametrize(
    ("sent", "status", "terminal"),
    [
        ("waiting", TaskStatus.QUEUED, False),
        ("running", TaskStatus.RUNNING, False),
        ("completed", TaskStatus.SUCCEEDED, True),
        ("failed", TaskStatus.FAILED, True),
        ("cancelled", TaskStatus.CANCELED, True),
        ("canceled", TaskStatus.CANCELED, True),
        ("COMPLETED", TaskStatus.SUCCEEDED, True),
        ("paused", TaskStatus.UNKNOWN, True),
        ("", TaskStatus.QUEUED, False),
        (None, TaskStatus.QUEUED, False),
        (7, TaskStatus.QUEUED, False),
    ],
)
def test_status(sent: object, status: TaskStatus, terminal: bool) -> None:
    """Whatever is neither waiting nor running is over: the official clients' rule."""
    record = normalise.task({**DOCUMENTED, "status": sent}, KEY)

    assert (record.status, record.is_terminal) == (status, terminal)
    assert record.provider_status == (sent if isinstance(sent, str) else "")


@pytest.mark.parametrize(
    ("sent", "failure"),
    [
        ({"reason": "out of memory"}, TaskFailure(message="out of memory")),
        ({"failureReason": "moderated", "code": "NSFW"}, TaskFailure(message="moderated", code="NSFW")),
        ({"error": {"message": "gone", "code": 7}}, TaskFailure(message="gone", code="7")),
        ({"error": "lost"}, TaskFailure(message="lost")),
        ({}, TaskFailure(message="PixAI gives no reason")),
        (None, TaskFailure(message="PixAI gives no reason")),
    ],
)
def test_a_failed_generation_has_a_reason(sent: object, failure: TaskFailure) -> None:
    """Which key holds it is not documented: several are tried."""
    assert outputs(sent, status="failed").failure == failure


def test_a_task_without_anything() -> None:
    """Only ids and a status are left."""
    record = normalise.task({}, KEY)

    assert record == TaskRecord(
        id=f"task:pixai:{KEY}",
        provider=Provider.PIXAI,
        provider_id=KEY,
        key=KEY,
        status=TaskStatus.QUEUED,
        provider_status="",
        is_terminal=False,
        operation="generation",
        raw={},
    )


def test_the_documented_media() -> None:
    """Sizes by variant; the first entry of a variant that has a URL counts, unknown variants do not."""
    node = {
        "id": "459604023097100648",
        "type": "IMAGE",
        "width": 512,
        "height": 768,
        "imageType": "image/png",
        "urls": [
            {"variant": "PUBLIC", "url": None},
            {"variant": None, "url": "https://a.example/none"},
            {"variant": "PUBLIC", "url": "https://a.example/orig?Expires=1716358617"},
            {"variant": "PUBLIC", "url": "https://a.example/again"},
            {"variant": "HOLOGRAM", "url": "https://a.example/holo"},
            {"variant": "THUMBNAIL", "url": "https://a.example/thumb"},
            {"variant": "STILL_THUMBNAIL", "url": ""},
        ],
    }

    assert normalise.media(node, "459604023097100648") == MediaRecord(
        id="media:pixai:459604023097100648",
        provider=Provider.PIXAI,
        provider_id="459604023097100648",
        key="459604023097100648",
        details=MediaDetails(
            kind=MediaKind.IMAGE,
            width=512,
            height=768,
            content_type="image/png",
            urls=(
                MediaUrl(
                    variant=MediaVariant.PUBLIC,
                    url="https://a.example/orig?Expires=1716358617",
                    expires_at=datetime(2024, 5, 22, 6, 16, 57, tzinfo=UTC),
                ),
                MediaUrl(variant=MediaVariant.THUMBNAIL, url="https://a.example/thumb"),
            ),
        ),
    )


@pytest.mark.parametrize("urls", [None, [], [{}], "odd", [None, 7, {"variant": 1, "url": 2}]])
def test_media_without_urls(urls: object) -> None:
    """Nothing raises; there is just no URL."""
    details = normalise.media({"id": "1", "type": "HOLOGRAM", "urls": urls}, "1").details

    assert details == MediaDetails()
