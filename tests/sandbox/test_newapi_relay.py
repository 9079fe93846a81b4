"""new-api's relay of midjourney-proxy."""

from __future__ import annotations

import pytest

from sandbox import Sandbox
from sandbox.midjourney.edge_cases import TASKS
from tests.sandbox.requests_midjourney import PIG, Client, documented

NO_TASK = (400, {"description": "task_no_found ", "type": "upstream_error", "code": 4})


async def test_the_documents_task(box: Sandbox, relay: Client) -> None:
    """Equal to the document's but for its host; newer builds tell videos too."""
    wanted = documented("image_seed")

    task = await relay.fetch(PIG)
    box.newapi.mode = "legacy"
    older = await relay.fetch(PIG)

    forwarded = {"imageUrl": f"{box.newapi.url}/mj/image/{PIG}"}
    assert older == wanted | forwarded
    assert list(older) == list(wanted)
    assert task == older | {"videoUrl": "", "videoUrls": None}
    assert box.newapi.requests == {"GET /mj/task/{id}/fetch": 2}


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("NOT_START", {"startTime": 0, "finishTime": 0, "buttons": None, "progress": "0%"}),
        ("buttons null", {"buttons": None}),
        ("buttons broken", {"buttons": None}),
        ("properties empty", {"properties": None}),
        ("properties {}", {"properties": {"finalPrompt": "", "finalZhPrompt": ""}}),
        ("video_urls strings", {"videoUrls": None}),
        ("FAILURE", {"failReason": "Invalid parameter: `--ar 0:0`", "progress": "100%"}),
    ],
)
async def test_absent_values(relay: Client, name: str, values: dict[str, object]) -> None:
    """Empty texts, noughts, and null for what is no text and no number."""
    task = await relay.fetch(TASKS[name])

    assert {field: task[field] for field in values} == values


async def test_an_unfinished_picture_has_a_random_end(relay: Client) -> None:
    """So that nobody keeps it."""
    task = await relay.fetch(TASKS["IN_PROGRESS with a preview"])
    status, kind, _ = await relay.text(task["imageUrl"], headers={})

    assert f"/mj/image/{task['id']}?rand=" in task["imageUrl"]
    assert (status, kind) == (200, "image/webp")


@pytest.mark.parametrize("name", ["another user's", "object only"])
async def test_only_the_callers_rows_are_there(relay: Client, name: str) -> None:
    """Others' are as unknown as the unknown."""
    key = TASKS[name]

    assert await relay.json(f"/mj/task/{key}/fetch") == NO_TASK
    assert await relay.seed(key) == NO_TASK
    assert await relay.many(key, "1") == []


async def test_many_come_in_the_databases_order_once_each(relay: Client) -> None:
    """Under a mode's prefix too; no ids are no tasks."""
    keys = [TASKS["NOT_START"], PIG, "unknown", TASKS["MODAL"], PIG]
    path = "/mj-fast/mj/task/list-by-condition"

    _, found = await relay.json(path, "POST", json={"ids": keys})

    assert [task["id"] for task in found] == [TASKS["NOT_START"], TASKS["MODAL"], PIG]
    assert await relay.many() == []
    assert await relay.json(path, "POST", json={"ids": "1"}) == (
        400,
        {"description": "do_request_failed ", "type": "upstream_error", "code": 4},
    )


@pytest.mark.parametrize(
    ("name", "status", "body"),
    [
        ("seed text", 200, {"code": 1, "description": "成功", "properties": {}, "result": "1234567890"}),
        ("seed missing", 200, {"code": 3, "description": "未找到 seed", "properties": {}, "result": ""}),
        (
            "seed failed",
            200,
            {"code": 9, "description": "Request timeout", "properties": {}, "result": ""},
        ),
        ("MODAL", 400, {"code": 4, "description": "关联任务状态错误", "properties": {}, "result": ""}),
        (
            "row only",
            404,
            {"code": 3, "description": "关联任务不存在或已失效", "properties": {}, "result": ""},
        ),
        (
            "seed number",
            400,
            {"description": "unmarshal_response_body_failed ", "type": "upstream_error", "code": 5},
        ),
    ],
)
async def test_a_seed_is_encoded_again(relay: Client, name: str, status: int, body: object) -> None:
    """Four fields, whatever the source answers; a number does not fit Go's text."""
    assert await relay.seed(TASKS[name]) == (status, body)


async def test_a_task_object_instead_of_a_seed_loses_itself(relay: Client) -> None:
    """Code 0 and no result are what is left of the document's answer."""
    assert await relay.seed(PIG) == (
        200,
        {
            "code": 0,
            "description": "Submit success",
            "properties": {"finalPrompt": "pig --v 6.1", "finalZhPrompt": ""},
            "result": "",
        },
    )


async def test_patience_ends(box: Sandbox, relay: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """After half a minute, here a moment, the relay gives up on its source."""
    monkeypatch.setattr("sandbox.newapi.relay.PATIENCE", 0.02)
    box.mj.seed_delay = 60

    assert await relay.seed(PIG) == (
        400,
        {"description": "do_request_failed ", "type": "upstream_error", "code": 5},
    )


async def test_pictures_need_no_key(relay: Client) -> None:
    """Streamed, not redirected; an unknown one is a 400."""
    path = f"/mj/image/{PIG}"

    status, kind, _ = await relay.text(path, headers={})

    assert (status, kind) == (200, "image/png")
    assert await relay.json("/mj/image/1", headers={}) == (400, {"error": "midjourney_task_not_found"})
