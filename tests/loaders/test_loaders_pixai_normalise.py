"""PixAI's JSON into records: the documented task whole, then every oddity by itself."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from loaders.budget import Budget
from loaders.credentials import Credential
from loaders.errors import Malformed
from loaders.pixai import normalise
from loaders.pixai.account import PixaiAccount
from loaders.pixai.client import Answer, PixaiClient
from loaders.pixai.documents import PrintedRequest
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
        ({"batch": [{"mediaId": "1"}, {"mediaId": None}, {"mediaId": "1"}, None, 7]}, ["1"], "1"),
        ({"mediaId": "9", "batchMediaIds": ["1", "2"]}, ["1", "2"], "9"),
        ({"videos": [{"mediaId": "1", "thumbnailMediaId": "2"}]}, ["1"], "2"),
        ({"mediaIds": ["1", "2"], "mediaUrls": ["a", "b"]}, ["1", "2"], "1"),
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
        ({}, TaskFailure(message="PixAI gave no reason")),
        (None, TaskFailure(message="PixAI gave no reason")),
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
            {"variant": "THUMBNAIL", "url": "https://a.example/thumb"},
            {"variant": "PUBLIC", "url": "https://a.example/orig?Expires=1716358617"},
            {"variant": "PUBLIC", "url": "https://a.example/again"},
            {"variant": "HOLOGRAM", "url": "https://a.example/holo"},
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


@pytest.mark.parametrize("sent", [["STILL_THUMBNAIL", "THUMBNAIL", "PUBLIC"], ["THUMBNAIL", "ORIGINAL"]])
def test_urls_come_the_largest_first(sent: list[str]) -> None:
    """However PixAI orders them."""
    node = {"urls": [{"variant": name, "url": f"https://a.example/{name}"} for name in sent]}

    details = normalise.media(node, "1").details

    assert details is not None
    assert [url.url for url in details.urls] == [f"https://a.example/{name}" for name in reversed(sent)]


def test_sizes_that_graphqls_int_cannot_carry_are_unknown() -> None:
    """They would fail their field."""
    details = normalise.media({"width": 2**31, "height": 2**31 - 1}, "1").details

    assert details == MediaDetails(height=2**31 - 1)


class Answering(PixaiClient):
    """Every alias of a document is answered with the same node; no connection is made."""

    async def execute(self, request: PrintedRequest, credential: Credential) -> Answer:
        self.calls += 1
        return Answer({f"m{index}": DOCUMENTED for index in range(len(request.variable_values or {}))})


async def test_a_task_that_cannot_be_read_fails_alone(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Beside one that can, in the same document; logged once, without what was sent."""
    normalised = normalise.task

    def odd(node: Mapping[str, Any], key: str) -> TaskRecord:
        if key == "2":
            raise RuntimeError(f"the user is {node['userId']}")
        return normalised(node, key)

    monkeypatch.setattr(normalise, "task", odd)
    client = Answering()
    account = PixaiAccount(client, Credential({"key": "sk-test"}), chunk=25, seconds=30)

    found = await account.reads.tasks.get(["1", "2", "3"], Budget.starting_now(30))

    assert isinstance(found["2"], Malformed)
    assert [found["1"], found["3"]] == [normalised(DOCUMENTED, "1"), normalised(DOCUMENTED, "3")]
    assert caplog.messages == ["PixAI: '2' cannot be read (RuntimeError)"]
    assert client.calls == 1
