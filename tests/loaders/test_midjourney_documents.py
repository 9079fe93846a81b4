"""The examples of the vendors' documents, as whole records."""

from __future__ import annotations

from datetime import UTC, datetime

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
    TaskAction,
    TaskRecord,
    TaskStatus,
)
from tests.loaders.midjourney_records import document, picture, public

JOB = "3785da15-4f70-4034-9128-f3ff1ac634fa"


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
            shape=1.0,
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
