"""From new-api's rows and midjourney-proxy's objects to records: every field, and every oddity of it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from loaders.midjourney import normalise
from loaders.records import (
    Cost,
    CostUnit,
    Provider,
    SeedOrigin,
    SeedRecord,
    TaskAction,
    TaskFailure,
    TaskStatus,
)
from tests.loaders.midjourney_records import node, row

VIDEO = "https://cdn.example/1.mp4"


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


@pytest.mark.parametrize("sent", [None, "", [], "[]", "null"])
def test_what_waits_for_a_person_can_be_confirmed(sent: object) -> None:
    """Its window has no buttons; buttons of its own, where a server sends some, stay."""
    confirm = (TaskAction(id="confirm", label="Confirm"),)

    assert node(status="MODAL", buttons=sent).actions == row(status="modal", buttons=sent).actions == confirm
    assert node(status="SUBMITTED", buttons=sent).actions == ()
    assert [action.id for action in node(status="MODAL", buttons=[{"customId": "a"}]).actions] == ["a"]


@pytest.mark.parametrize(
    ("status", "reason", "failure"),
    [
        ("FAILURE", "Job timed out", TaskFailure(message="Job timed out")),
        ("FAILURE", "", TaskFailure(message="Midjourney gave no reason")),
        ("FAILURE", None, TaskFailure(message="Midjourney gave no reason")),
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
    found = node(seed=sent, imageUrl="https://cdn.example/grid.png", videoUrl=VIDEO)

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
