"""Meshy's JSON -> records: the whole record, then one table for each field with more than one spelling."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jiter
import pytest

from loaders.meshy import normalise
from loaders.records import (
    Cost,
    CostUnit,
    MediaDetails,
    MediaKind,
    MediaRecord,
    MediaUrl,
    MediaVariant,
    Provider,
    TaskFailure,
    TaskRecord,
    TaskStatus,
)

DOCUMENTED = Path(__file__).parent.parent / "sandbox" / "fixtures" / "meshy"
ID = "018a210d-8ba4-705c-b111-1f1776f7f578"
KEY = f"image-to-image:{ID}"
URL = f"https://assets.meshy.ai/***/tasks/{ID}/output/image.png?Expires=***"
SET = 1692771650657
MOMENT = datetime(2023, 8, 23, 6, 20, 50, 657000, UTC)


def _documented(name: str) -> dict[str, Any]:
    node: dict[str, Any] = jiter.from_json((DOCUMENTED / f"{name}.json").read_bytes())
    return node


def _task(**changes: object) -> TaskRecord:
    """The document's task with fields changed."""
    return normalise.task(_documented("task") | changes, KEY)


def test_the_documents_task() -> None:
    """Every field. Its URL's Expires is not readable there, so the task's own end counts."""
    node = _documented("task")

    ends = datetime(2023, 8, 23, 6, 21, 19, 37000, UTC)
    picture = MediaRecord(
        id=f"media:meshy:{KEY}:0",
        provider=Provider.MESHY,
        provider_id=f"{ID}:0",
        key=f"{KEY}:0",
        task_key=KEY,
        details=MediaDetails(
            kind=MediaKind.IMAGE,
            content_type="image/png",
            urls=(MediaUrl(variant=MediaVariant.PUBLIC, url=URL, expires_at=ends),),
        ),
    )
    assert normalise.task(node, KEY) == TaskRecord(
        id=f"task:meshy:{KEY}",
        provider=Provider.MESHY,
        provider_id=ID,
        key=KEY,
        status=TaskStatus.SUCCEEDED,
        provider_status="SUCCEEDED",
        is_terminal=True,
        progress=100,
        operation="image-to-image",
        model="nano-banana",
        prompt="Transform this into a cyberpunk style artwork",
        created_at=MOMENT,
        started_at=datetime(2023, 8, 23, 6, 21, 7, 37000, UTC),
        finished_at=datetime(2023, 8, 23, 6, 21, 9, 37000, UTC),
        expires_at=ends,
        duration=2.0,
        media=(picture,),
        cover=picture,
        cost=Cost(amount=3, unit=CostUnit.CREDITS),
        raw=node,
    )


def test_only_id_and_status() -> None:
    """Every other field may be missing; nothing is made up but the operation."""
    node = {"id": "7", "status": "PENDING"}

    assert normalise.task(node, "text-to-image:7") == TaskRecord(
        id="task:meshy:text-to-image:7",
        provider=Provider.MESHY,
        provider_id="7",
        key="text-to-image:7",
        status=TaskStatus.QUEUED,
        provider_status="PENDING",
        is_terminal=False,
        operation="text-to-image",
        raw=node,
    )


@pytest.mark.parametrize(
    ("sent", "finished_at", "status", "is_terminal"),
    [
        ("PENDING", 0, TaskStatus.QUEUED, False),
        ("IN_PROGRESS", 0, TaskStatus.RUNNING, False),
        ("SUCCEEDED", SET, TaskStatus.SUCCEEDED, True),
        ("SUCCEEDED", 0, TaskStatus.SUCCEEDED, True),
        ("succeeded", SET, TaskStatus.SUCCEEDED, True),
        ("FAILED", SET, TaskStatus.FAILED, True),
        ("CANCELED", SET, TaskStatus.CANCELED, True),
        ("EXPIRED", SET, TaskStatus.FAILED, True),
        ("ARCHIVED", SET, TaskStatus.UNKNOWN, True),
        ("ARCHIVED", 0, TaskStatus.UNKNOWN, False),
        ("ARCHIVED", None, TaskStatus.UNKNOWN, False),
        ("", 0, TaskStatus.QUEUED, False),
    ],
)
def test_status(sent: str, finished_at: object, status: TaskStatus, is_terminal: bool) -> None:
    """An unknown word is UNKNOWN, and over once it has finished; the word itself is kept."""
    task = _task(status=sent, finished_at=finished_at)

    assert (task.status, task.provider_status, task.is_terminal) == (status, sent, is_terminal)


@pytest.mark.parametrize("sent", [None, 7, {}, ["SUCCEEDED"]])
def test_a_status_that_is_no_text(sent: object) -> None:
    """Is as good as none."""
    task = _task(status=sent)

    assert (task.status, task.provider_status) == (TaskStatus.QUEUED, "")


@pytest.mark.parametrize("name", ["created_at", "started_at", "finished_at", "expires_at"])
@pytest.mark.parametrize(
    ("sent", "moment"),
    [
        (SET, MOMENT),
        (str(SET), MOMENT),
        (1692771650, MOMENT.replace(microsecond=0)),
        ("2023-08-23T06:20:50.657Z", MOMENT),
        (0, None),
        (None, None),
        ("", None),
        ("soon", None),
        (True, None),
        (2**80, None),
    ],
)
def test_times(name: str, sent: object, moment: datetime | None) -> None:
    """Milliseconds; 0, null and whatever cannot be read are unset."""
    assert getattr(_task(**{name: sent}), name) == moment


@pytest.mark.parametrize(
    ("sent", "percent"),
    [(0, 0), (45, 45), (100, 100), (250, 100), (-5, 0), ("45%", 45), (41.5, None), (None, None), ("", None)],
)
def test_progress(sent: object, percent: int | None) -> None:
    """0-100, or None."""
    assert _task(progress=sent).progress == percent


@pytest.mark.parametrize(
    ("status", "sent", "position"),
    [
        ("PENDING", 4, 4),
        ("PENDING", 0, 0),
        ("PENDING", None, None),
        ("PENDING", 2**31, None),
        ("IN_PROGRESS", 7, None),
        ("SUCCEEDED", 0, None),
    ],
)
def test_queue_position(status: str, sent: object, position: int | None) -> None:
    """Only while it waits; 0 is the front."""
    assert _task(status=status, preceding_tasks=sent).queue_position == position


@pytest.mark.parametrize(
    ("sent", "cost"),
    [(3, 3), (0, 0), ("12", 12), (None, None), ("", None), (2.5, None)],
)
def test_cost(sent: object, cost: int | None) -> None:
    """0 is a price; null is none."""
    found = _task(consumed_credits=sent).cost

    assert found == (None if cost is None else Cost(amount=cost, unit=CostUnit.CREDITS))


def _error(**error: object) -> dict[str, object]:
    return {"status": "FAILED", "task_error": {"message": "It broke"} | error}


@pytest.mark.parametrize(
    ("changes", "failure"),
    [
        ({"task_error": {"message": ""}}, None),
        ({"task_error": None}, None),
        ({"task_error": {}}, None),
        ({"task_error": []}, None),
        (_error(), TaskFailure(message="It broke")),
        (_error(type="timeout"), TaskFailure(message="It broke", code="timeout", retryable=True)),
        (
            _error(type="service_unavailable"),
            TaskFailure(message="It broke", code="service_unavailable", retryable=True),
        ),
        (_error(type="server_error"), TaskFailure(message="It broke", code="server_error", retryable=True)),
        (
            _error(type="invalid_input", code="moderation_blocked", doc_url="https://docs.meshy.ai/"),
            TaskFailure(message="It broke", code="moderation_blocked", retryable=False),
        ),
        (
            _error(code="format_conversion_failed"),
            TaskFailure(message="It broke", code="format_conversion_failed", retryable=False),
        ),
        (_error(type="cosmic_ray"), TaskFailure(message="It broke", code="cosmic_ray")),
        (_error(type=7, code=None), TaskFailure(message="It broke", code="7")),
        ({"status": "FAILED", "task_error": {"message": ""}}, TaskFailure(message="Meshy gave no reason")),
        ({"status": "FAILED", "task_error": None}, TaskFailure(message="Meshy gave no reason")),
        ({"status": "EXPIRED"}, TaskFailure(message="Meshy gave no reason")),
    ],
)
def test_failure(changes: dict[str, object], failure: TaskFailure | None) -> None:
    """An empty message is no error; a task that failed has a failure all the same."""
    assert _task(**changes).failure == failure


@pytest.mark.parametrize("sent", [None, [], [None], [""], "https://example.test/a.png", {"0": URL}])
def test_without_urls_there_are_no_media(sent: object) -> None:
    """Absent, null and empty alike."""
    assert _task(image_urls=sent).media == ()


def test_media_keep_their_place() -> None:
    """A URL that is not there yet changes no other's id."""
    media = _task(image_urls=["https://a.test/0.png", None, "https://a.test/2.png"]).media

    assert [one.id for one in media] == [f"media:meshy:{KEY}:0", f"media:meshy:{KEY}:2"]


@pytest.mark.parametrize(
    ("url", "expires_at"),
    [
        ("https://a.test/i.png?Expires=1700000000", datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)),
        ("https://a.test/i.png?Expires=soon", MOMENT),
        ("https://a.test/i.png", MOMENT),
        ("http://[::1]/", MOMENT),
    ],
)
def test_a_urls_end(url: str, expires_at: datetime) -> None:
    """Read from the URL, else the task's."""
    (picture,) = _task(image_urls=[url], expires_at=SET).media

    assert picture.details is not None
    assert [one.expires_at for one in picture.details.urls] == [expires_at]


@pytest.mark.parametrize(
    ("url", "content_type"),
    [
        ("https://a.test/i.png?x=a.jpg", "image/png"),
        ("https://a.test/i.JPG", "image/jpeg"),
        ("https://a.test/i.jpeg#a", "image/jpeg"),
        ("https://a.test/i.webp", "image/webp"),
        ("https://a.png/i", None),
        ("https://a.test/i.exr", None),
        ("http://[::1]/i", None),
    ],
)
def test_content_type(url: str, content_type: str | None) -> None:
    """Guessed from the path's suffix."""
    (picture,) = _task(image_urls=[url]).media

    assert picture.details is not None
    assert picture.details.content_type == content_type


def test_texts() -> None:
    """An empty one says nothing; a name is the description; an unknown model is kept."""
    task = _task(prompt="", name="Harbour", ai_model="nano-banana-9-ultra", type="")

    assert (task.prompt, task.description, task.model, task.operation) == (
        None,
        "Harbour",
        "nano-banana-9-ultra",
        "image-to-image",
    )


@pytest.mark.parametrize("name", _documented("task"))
@pytest.mark.parametrize("sent", [None, 0, -1, 1.5, 2**80, "", "x", True, [], {}, [[]], {"a": {}}])
def test_nothing_raises(name: str, sent: object) -> None:
    """Whatever stands in whichever field."""
    assert _task(**{name: sent}).key == KEY
