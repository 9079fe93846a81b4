"""Creating, deleting and watching Meshy's tasks, and those that move by themselves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import jiter
import pytest

from sandbox import Clock
from sandbox.meshy import stream
from sandbox.meshy.edge_cases import TASKS
from sandbox.meshy.vendor_examples import TASK
from sandbox.meshy.world import CREDITS, MOVING
from tests.sandbox.requests_meshy import API, IMAGES, TEXTS, Meshy, documented

PNG = "data:image/png;base64,iVBORw0KGgo="
EDIT = {"ai_model": "nano-banana", "prompt": "Carve it from driftwood", "reference_image_urls": [PNG]}
SCENE = {"ai_model": "nano-banana-pro", "prompt": "A clay fox"}
FIRST, _second, FAILING, CANCELED, *_others = MOVING


async def test_a_created_task_waits_runs_and_succeeds(meshy: Meshy, clock: Clock) -> None:
    """202 with its id; what has not happened yet is 0; it leads the newest list."""
    status, body = await meshy.ask(IMAGES, "POST", json=EDIT)
    key = body["result"]
    seen = []
    for seconds in (0, 2, 4, 4):
        clock.now += seconds
        seen.append(await meshy.task(key))

    assert status == 202
    assert [(one["status"], one["progress"]) for one in seen] == [
        ("PENDING", 0),
        ("IN_PROGRESS", 0),
        ("IN_PROGRESS", 50),
        ("SUCCEEDED", 100),
    ]
    assert [one["started_at"] > 0 for one in seen] == [False, True, True, True]
    assert [one["finished_at"] > 0 for one in seen] == [False, False, False, True]
    assert [len(one["image_urls"]) for one in seen] == [0, 0, 0, 1]
    assert [one["preceding_tasks"] for one in seen] == [2, 0, 0, 0]
    assert {(one["prompt"], one["ai_model"], one["consumed_credits"]) for one in seen} == {
        (EDIT["prompt"], "nano-banana", 3)
    }


async def test_credits_are_taken_until_none_are_left(meshy: Meshy) -> None:
    """Three pictures of the dearest model a time; then 402, and nothing is created."""
    dear = SCENE | {"ai_model": "gpt-image-2", "generate_multi_view": True}
    statuses = [(await meshy.ask(TEXTS, "POST", json=dear))[0] for _ in range(CREDITS // 36)]

    refused = await meshy.ask(TEXTS, "POST", json=dear)
    balance = await meshy.ask(f"{API}/balance")

    assert set(statuses) == {202}
    assert refused == (402, {"message": "Insufficient credits"})
    assert balance == (200, {"balance": CREDITS % 36})


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"ai_model": None}, "ai_model is required"),
        ({"ai_model": "dall-e"}, "ai_model must be one of nano-banana, "),
        ({"prompt": "  "}, "prompt is required"),
        ({"reference_image_urls": None}, "reference_image_urls must hold 1 to 5 images"),
        ({"reference_image_urls": []}, "reference_image_urls must hold 1 to 5 images"),
        ({"reference_image_urls": [PNG] * 6}, "reference_image_urls must hold 1 to 5 images"),
        (
            {"reference_image_urls": ["https://example.test/a.gif"]},
            "reference_image_urls must be URLs or data",
        ),
        (
            {"reference_image_urls": ["data:image/webp;base64,AAAA"]},
            "reference_image_urls must be URLs or data",
        ),
        ({"reference_image_urls": ["data:image/png;base64,%%"]}, "reference_image_urls must be URLs or data"),
        ({"reference_image_urls": ["ftp://example.test/a.png"]}, "reference_image_urls must be URLs or data"),
        ({"generate_multi_view": "yes"}, "generate_multi_view must be a boolean"),
        ({"generate_multi_view": True, "aspect_ratio": "1:1"}, "aspect_ratio cannot be used with"),
        ({"aspect_ratio": "7:5"}, "aspect_ratio must be one of 1:1, "),
    ],
)
async def test_a_bad_creation_is_a_400(meshy: Meshy, changes: dict[str, Any], message: str) -> None:
    """The message names the parameter."""
    status, body = await meshy.ask(IMAGES, "POST", json=EDIT | changes)

    assert (status, list(body)) == (400, ["message"])
    assert body["message"].startswith(message)


@pytest.mark.parametrize("body", [b"", b"[]", b"{"])
async def test_a_creation_without_an_object_is_a_400(meshy: Meshy, body: bytes) -> None:
    """Whatever was sent instead."""
    assert (await meshy.ask(IMAGES, "POST", data=body))[0] == 400


async def test_text_to_image_wants_no_picture_and_knows_poses(meshy: Meshy) -> None:
    """The same verbs, other parameters."""
    made, _ = await meshy.ask(TEXTS, "POST", json=SCENE | {"pose_mode": "t-pose"})
    refused = await meshy.ask(TEXTS, "POST", json=SCENE | {"pose_mode": "dance"})

    assert made == 202
    assert refused == (400, {"message": "pose_mode must be one of a-pose, t-pose"})


async def test_a_deleted_task_is_gone(meshy: Meshy) -> None:
    """200 with an empty body; from then on 404, and in no list."""
    before = await meshy.rows("page_size=50")

    assert await meshy.ask(f"{IMAGES}/{before[0]['id']}", "DELETE") == (200, None)

    assert (await meshy.ask(f"{IMAGES}/{before[0]['id']}"))[0] == 404
    assert (await meshy.ask(f"{IMAGES}/{before[0]['id']}", "DELETE"))[0] == 404
    assert [row["id"] for row in await meshy.rows("page_size=49")] == [row["id"] for row in before[1:]]


async def test_some_tasks_move_by_themselves(meshy: Meshy, clock: Clock) -> None:
    """From the start of the sandbox on, each to its own end."""
    start = [(await meshy.task(key))["status"] for key in (FIRST, FAILING, CANCELED)]
    clock.now += 60
    ended = [await meshy.task(key) for key in (FIRST, FAILING, CANCELED)]

    assert start == ["IN_PROGRESS", "PENDING", "PENDING"]
    assert [one["status"] for one in ended] == ["SUCCEEDED", "FAILED", "CANCELED"]
    assert ended[1]["task_error"]["type"] == "timeout"
    assert ended[1]["consumed_credits"] == 0
    assert "consumed_credits" not in ended[2]


async def _events(meshy: Meshy, key: str) -> AsyncIterator[tuple[str, Any]]:
    async with meshy.session.get(f"{meshy.upstream.url}{IMAGES}/{key}/stream") as answer:
        assert (answer.status, answer.content_type) == (200, "text/event-stream")
        while event := (await answer.content.readuntil(b"\n\n")).decode():
            name, data = event.splitlines()[:2]
            yield name.removeprefix("event: "), jiter.from_json(data.removeprefix("data: ").encode())


async def test_a_stream_tells_changes_and_ends_with_the_whole_task(meshy: Meshy, clock: Clock) -> None:
    """Partial while it is under way, as the document shows; then the object, and the end."""
    seen = []
    async for name, data in _events(meshy, CANCELED):
        seen.append((name, data))
        clock.now += {1: 25, 2: 100}.get(len(seen), 0)

    assert seen[:2] == [
        ("message", {"id": CANCELED, "progress": 0, "status": "PENDING"}),
        ("message", {"id": CANCELED, "progress": 50, "status": "IN_PROGRESS"}),
    ]
    assert seen[2:] == [("message", await meshy.task(CANCELED))]


async def test_a_stream_of_an_ended_task_is_one_event(meshy: Meshy) -> None:
    """With every field that the document's example has."""
    ((name, data),) = [event async for event in _events(meshy, TASK)]

    assert name == "message"
    assert documented("stream")[2].keys() <= data.keys()


async def test_a_stream_of_an_unknown_task_is_an_error_event_after_200(meshy: Meshy) -> None:
    """As the document shows."""
    events = [event async for event in _events(meshy, "nobody")]

    assert events == [("error", documented("stream")[0])]


async def test_a_stream_is_kept_alive(meshy: Meshy, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same event again although nothing has changed."""
    monkeypatch.setattr(stream, "KEEP_ALIVE", 0.0)
    events = _events(meshy, TASKS["running"])

    async with asyncio.timeout(5):
        first, second = await anext(events), await anext(events)
    await events.aclose()  # type: ignore[attr-defined]

    assert first == second == ("message", {"id": TASKS["running"], "progress": 45, "status": "IN_PROGRESS"})
