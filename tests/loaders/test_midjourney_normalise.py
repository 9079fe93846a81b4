"""From new-api's rows and midjourney-proxy's objects to records: the documents' own, and every oddity."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from loaders.midjourney import normalise
from loaders.records import (
    Cost,
    CostUnit,
    MediaDetails,
    MediaKind,
    MediaRecord,
    MediaUrl,
    MediaVariant,
    Provider,
    SeedOrigin,
    SeedRecord,
    TaskAction,
    TaskFailure,
    TaskRecord,
    TaskStatus,
)

DOCUMENTS = Path(__file__).parent.parent / "sandbox" / "fixtures" / "midjourney"
JOB = "3785da15-4f70-4034-9128-f3ff1ac634fa"


def document(name: str) -> Any:
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
        details=MediaDetails(kind=kind, urls=urls, **details),
    )


def public(url: str) -> list[tuple[MediaVariant, str]]:
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


def test_object_of_the_document() -> None:
    """The image-seed page's task, whole; its picture's URL ends a day after it was signed."""
    sent = document("image_seed")

    found = normalise.proxy_task(sent)

    grid = MediaRecord(
        id="media:midjourney:1730621826053455:0",
        provider=Provider.MIDJOURNEY,
        provider_id="1730621826053455:0",
        key="1730621826053455:0",
        task_key="1730621826053455",
        details=MediaDetails(
            kind=MediaKind.IMAGE,
            urls=(
                MediaUrl(
                    variant=MediaVariant.PUBLIC,
                    url=sent["imageUrl"],
                    expires_at=datetime(2024, 11, 4, 8, 17, 35, tzinfo=UTC),
                ),
            ),
        ),
    )
    upscales = [(f"MJ::JOB::upsample::{n}::{JOB}", f"U{n}", None) for n in (1, 2, 3, 4)]
    reroll = [(f"MJ::JOB::reroll::0::{JOB}::SOLO", None, "🔄")]
    variations = [(f"MJ::JOB::variation::{n}::{JOB}", f"V{n}", None) for n in (1, 2, 3, 4)]
    assert found == TaskRecord(
        id="task:midjourney:1730621826053455",
        provider=Provider.MIDJOURNEY,
        provider_id="1730621826053455",
        key="1730621826053455",
        status=TaskStatus.SUCCEEDED,
        provider_status="SUCCESS",
        is_terminal=True,
        progress=100,
        operation="IMAGINE",
        prompt="pig --v 6.1",
        prompt_english="pig --v 6.1",
        description="Submit success",
        created_at=datetime(2024, 11, 3, 8, 17, 6, 53000, tzinfo=UTC),
        started_at=datetime(2024, 11, 3, 8, 17, 8, 24000, tzinfo=UTC),
        finished_at=datetime(2024, 11, 3, 8, 17, 35, 817000, tzinfo=UTC),
        duration=27.793,
        media=(grid,),
        cover=grid,
        seeds=None,
        actions=tuple(
            TaskAction(id=custom_id, label=label, emoji=emoji, style=2, type=2)
            for custom_id, label, emoji in (*upscales, *reroll, *variations)
        ),
        raw=sent,
    )


def test_row_of_the_document() -> None:
    """The admins' page's row, whole; its times are seconds."""
    sent = document("newapi_all")["data"]["items"][0]

    found = normalise.newapi_row(sent)

    grid = picture("task123456:0", urls=public("https://example.com/image.jpg"))
    assert found == TaskRecord(
        id="task:midjourney:task123456",
        provider=Provider.MIDJOURNEY,
        provider_id="task123456",
        key="task123456",
        status=TaskStatus.SUCCEEDED,
        provider_status="SUCCESS",
        is_terminal=True,
        progress=100,
        operation="IMAGINE",
        prompt="a beautiful landscape",
        created_at=datetime(2021, 12, 31, tzinfo=UTC),
        finished_at=datetime(2021, 12, 31, 0, 6, 40, tzinfo=UTC),
        media=(grid,),
        cover=grid,
        seeds=None,
        cost=Cost(amount=1000, unit=CostUnit.QUOTA),
        owner_id="1",
        channel_id="1",
        raw=sent,
    )


def test_videos_of_the_document() -> None:
    """The users' page's row has two addresses of videos, one of them in JSON text."""
    found = normalise.newapi_row(document("newapi_self")["data"]["items"][0])

    assert found is not None
    assert found.media[1:] == (
        picture("task123456:v0", MediaKind.VIDEO, urls=public("https://example.com/video1.mp4")),
        picture("task123456:v1", MediaKind.VIDEO, urls=public("https://example.com/video.mp4")),
    )


@pytest.mark.parametrize(
    ("sent", "status", "is_terminal"),
    [
        ("", TaskStatus.QUEUED, False),
        (None, TaskStatus.QUEUED, False),
        ("NOT_START", TaskStatus.QUEUED, False),
        ("SUBMITTED", TaskStatus.QUEUED, False),
        ("IN_PROGRESS", TaskStatus.RUNNING, False),
        ("MODAL", TaskStatus.ACTION_REQUIRED, True),  # nothing more happens by itself
        ("SUCCESS", TaskStatus.SUCCEEDED, True),
        ("success", TaskStatus.SUCCEEDED, True),
        ("FAILURE", TaskStatus.FAILED, True),
        ("Failed", TaskStatus.FAILED, True),
        ("CANCEL", TaskStatus.CANCELED, True),
        ("CANCELLED", TaskStatus.CANCELED, True),
        ("PAUSED", TaskStatus.UNKNOWN, False),
    ],
)
def test_status(sent: str | None, status: TaskStatus, is_terminal: bool) -> None:
    """Every status either server sends; the original stays beside it."""
    for found in (node(status=sent), row(status=sent)):
        assert (found.status, found.is_terminal, found.provider_status) == (status, is_terminal, sent or "")


def test_unknown_status_ends_with_a_finish_time() -> None:
    """An unknown word is terminal once the source says when it finished."""
    assert node(status="PAUSED", finishTime=1730621855817).is_terminal
    assert not node(status="PAUSED", finishTime=0).is_terminal


@pytest.mark.parametrize(
    ("sent", "percent"),
    [
        ("46%", 46),
        ("64", 64),
        (31, 31),
        ("12.5%", 12),
        ("150%", 100),
        ("0%", 0),
        ("", None),
        (None, None),
        ("Waiting to start", None),
        ("-3%", None),
    ],
)
def test_progress(sent: object, percent: int | None) -> None:
    """Percent, whatever stands around the number."""
    assert node(progress=sent).progress == row(progress=sent).progress == percent


@pytest.mark.parametrize(
    ("sent", "time"),
    [
        (1730621826053, datetime(2024, 11, 3, 8, 17, 6, 53000, tzinfo=UTC)),
        (1730621826, datetime(2024, 11, 3, 8, 17, 6, tzinfo=UTC)),
        ("1730621826053", datetime(2024, 11, 3, 8, 17, 6, 53000, tzinfo=UTC)),
        (0, None),
        (None, None),
        ("", None),
    ],
)
def test_times(sent: object, time: datetime | None) -> None:
    """Milliseconds or seconds, by magnitude; 0 is not yet."""
    of_node = node(submitTime=sent, startTime=sent, finishTime=sent)
    of_row = row(submit_time=sent, start_time=sent, finish_time=sent)

    for found in (of_node, of_row):
        assert (found.created_at, found.started_at, found.finished_at) == (time, time, time)


@pytest.mark.parametrize(
    ("start", "finish", "seconds"),
    [
        (1730621828024, 1730621855817, 27.793),
        (0, 1730621855817, None),
        (1730621828024, None, None),
        (5, 4, None),
    ],
)
def test_duration(start: object, finish: object, seconds: float | None) -> None:
    """From start to finish, in seconds, where both are told and make sense."""
    assert node(startTime=start, finishTime=finish).duration == seconds


@pytest.mark.parametrize(
    ("sent", "ids"),
    [
        ([{"customId": "a", "emoji": "", "label": "U1", "type": 2, "style": 3}], ["a"]),
        ('[{"customId": "a"}]', ["a"]),
        ([{"customId": "", "emoji": "", "label": "", "type": 2, "style": 2}], []),
        ('[{"customId": "MJ::JOB', []),
        ("null", []),
        ("", []),
        ("[]", []),
        (None, []),
        ("7", []),
        ([None, "text", {"customId": 5}], ["5"]),
    ],
)
def test_buttons(sent: object, ids: list[str]) -> None:
    """A list, or its JSON text; what cannot be pressed is left out."""
    assert [action.id for action in node(buttons=sent).actions] == ids
    assert [action.id for action in row(buttons=sent).actions] == ids


URL_1, URL_2, POSTER = "https://cdn.example/1.mp4", "https://cdn.example/2.mp4", "https://cdn.example/1.webp"


@pytest.mark.parametrize(
    ("urls", "url", "found"),
    [
        ([{"url": URL_1}, {"url": URL_2}], URL_1, {"1:v0": URL_1, "1:v1": URL_2}),
        (json.dumps([{"url": URL_1}]), URL_1, {"1:v0": URL_1}),
        (json.dumps([URL_1, URL_2]), "", {"1:v0": URL_1, "1:v1": URL_2}),
        ([], URL_1, {"1:v0": URL_1}),
        ("", URL_1, {"1:v0": URL_1}),
        ("null", URL_1, {"1:v0": URL_1}),
        (None, URL_1, {"1:v0": URL_1}),
        ('[{"url": "https://', URL_1, {"1:v0": URL_1}),
        ([{"url": None}, {"url": URL_2}], None, {"1:v1": URL_2}),
        ("[]", "", {}),
    ],
)
def test_videos(urls: object, url: object, found: dict[str, str]) -> None:
    """Strings, objects or JSON text; none twice; a missing one changes no other's id."""
    for record in (node(videoUrls=urls, videoUrl=url), row(video_urls=urls, video_url=url)):
        assert {video.key: video.details and video.details.urls[0].url for video in record.media} == found


def test_video_with_a_poster() -> None:
    """The thumbnail of a video is a still."""
    found = node(videoUrls=[{"url": URL_1, "thumbnail": POSTER}])

    wanted = [*public(URL_1), (MediaVariant.THUMBNAIL, POSTER), (MediaVariant.STILL_THUMBNAIL, POSTER)]
    assert found.media == (picture("1:v0", MediaKind.VIDEO, urls=wanted),)
    assert found.cover is None


def test_single_pictures() -> None:
    """The C# server's singles follow the grid; its size and type are the grid's."""
    found = node(
        imageUrl="https://cdn.example/grid.png",
        imageUrls=[
            {"url": "https://cdn.example/a", "thumbnail": "https://cdn.example/t"},
            "https://cdn.example/b",
        ],
        width=1024,
        height=768,
        contentType="image/png",
    )

    grid = picture(
        "1:0", urls=public("https://cdn.example/grid.png"), width=1024, height=768, content_type="image/png"
    )
    thumbnail = (MediaVariant.THUMBNAIL, "https://cdn.example/t")
    assert found.media == (
        grid,
        picture("1:1", urls=[*public("https://cdn.example/a"), thumbnail]),
        picture("1:2", urls=public("https://cdn.example/b")),
    )
    assert found.cover == grid


def test_an_only_picture_is_not_shown_twice() -> None:
    """An upscaled picture comes as imageUrl, and again as the one entry of imageUrls."""
    found = node(action="UPSCALE", imageUrl="https://d.example/u", imageUrls=[{"url": "https://c.example/u"}])

    assert found.media == (picture("1:0", urls=public("https://d.example/u")),)


@pytest.mark.parametrize(
    ("status", "preview"),
    [
        ("IN_PROGRESS", True),
        ("", True),
        ("MODAL", True),
        ("FAILURE", False),
        ("CANCEL", False),
        ("SUCCESS", False),
    ],
)
def test_picture_of_an_unfinished_task(status: str, preview: bool) -> None:
    """Before the end an image URL is a preview, never a result; after a failure it is nothing."""
    url = "https://newapi.example/mj/image/1"
    for found in (node(status=status, imageUrl=url), row(status=status, image_url=url)):
        assert found.preview == (url if preview else None)
        assert bool(found.media) is bool(found.cover) is (status == "SUCCESS")
        assert found.seeds == (None if status == "SUCCESS" else ())


@pytest.mark.parametrize(
    ("status", "reason", "failure"),
    [
        ("FAILURE", "Job timed out", TaskFailure(message="Job timed out")),
        ("FAILURE", "", TaskFailure(message="Midjourney gives no reason")),
        ("FAILURE", None, TaskFailure(message="Midjourney gives no reason")),
        ("CANCEL", "取消任务", TaskFailure(message="取消任务")),
        ("CANCEL", "", None),
        ("SUCCESS", "", None),
        ("SUCCESS", "left over from an earlier try", None),
    ],
)
def test_failure(status: str, reason: str | None, failure: TaskFailure | None) -> None:
    """Why it failed, in the source's words; whether another try helps it does not tell."""
    assert node(status=status, failReason=reason).failure == failure
    assert row(status=status, fail_reason=reason).failure == failure


@pytest.mark.parametrize(
    ("sent", "cost"),
    [
        (0, Cost(amount=0, unit=CostUnit.QUOTA)),
        (3_000_000_000, Cost(amount=3_000_000_000, unit=CostUnit.QUOTA)),
        (None, None),
    ],
)
def test_cost(sent: object, cost: Cost | None) -> None:
    """Quota units; 0 is a cost, absence is none."""
    assert row(quota=sent).cost == cost


def test_texts() -> None:
    """Empty ones and null say nothing."""
    texts = ("prompt", "promptEn", "description", "state", "botType", "action")
    for nothing in ("", None):
        found = node(**dict.fromkeys(texts, nothing))
        assert (found.prompt, found.prompt_english, found.description) == (None, None, None)
        assert (found.state, found.bot_type, found.operation) == (None, None, None)
    found = node(state='{"item": 12}', botType="NIJI_JOURNEY", action="HOLOGRAM")
    assert (found.state, found.bot_type, found.operation) == ('{"item": 12}', "NIJI_JOURNEY", "HOLOGRAM")


def test_submit_that_was_not_accepted() -> None:
    """A row without an id is named by its time and its number."""
    found = row(mj_id="", id=41, submit_time=1720602000123, status="FAILURE", fail_reason="banned")

    assert found.key == "row:1720602000123:41"
    assert found.id == "task:midjourney:row:1720602000123:41"
    assert found.provider_id == "41"


def test_nothing_to_be_named_by() -> None:
    """What has no id is no task."""
    assert normalise.proxy_task({"status": "SUCCESS"}) is None
    assert normalise.newapi_row({"mj_id": "", "status": "SUCCESS"}) is None


@pytest.mark.parametrize(("sent", "value"), [("2718281828", 2718281828), (2718281829, 2718281829), ("0", 0)])
def test_seed_on_the_task(sent: object, value: int) -> None:
    """The C# server tells a seed that was asked for before; it belongs to the pictures, not to videos."""
    found = node(seed=sent, imageUrl="https://cdn.example/grid.png", videoUrl=URL_1)

    assert found.seeds == (
        SeedRecord(
            id="seed:midjourney:1",
            provider=Provider.MIDJOURNEY,
            value=value,
            origin=SeedOrigin.REPORTED,
            task_key="1",
            media=(found.media[0],),
        ),
    )


@pytest.mark.parametrize("sent", [None, "", "soon", -1])
def test_no_seed_on_the_task(sent: object) -> None:
    """Somebody has to ask for it."""
    assert node(seed=sent).seeds is None


@pytest.mark.parametrize("junk", [None, [], {}, "text", 7, True, "{", [None], {"url": 1}])
def test_nothing_raises(junk: object) -> None:
    """Whatever stands in a field, the record is made."""
    names = (
        *(
            "status",
            "action",
            "prompt",
            "promptEn",
            "description",
            "state",
            "botType",
            "submitTime",
            "imageUrl",
        ),
        *("startTime", "finishTime", "imageUrls", "videoUrl", "videoUrls", "width", "progress", "failReason"),
        *("buttons", "properties", "seed", "quota", "user_id", "submit_time", "video_urls", "prompt_en"),
    )
    for name in names:
        assert node(**{name: junk}).id == "task:midjourney:1"
        assert row(**{name: junk}).id == "task:midjourney:1"
