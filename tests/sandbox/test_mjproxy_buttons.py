"""Buttons, changes and confirmations at midjourney-proxy: tasks that continue others."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox import Clock, Sandbox
from sandbox.midjourney.edge_cases import TASKS
from tests.sandbox.requests_midjourney import PIG, Client

MASK = "data:image/webp;base64,UklGRg=="
MISSING = {"code": 3, "description": "关联任务不存在或已失效", "result": None, "properties": {}}


async def _press(mj: Client, key: str, label: str) -> Any:
    """What a press of this button of this task answers."""
    task = await mj.fetch(key)
    (custom_id,) = [one["customId"] for one in task["buttons"] if label in (one["label"], one["emoji"])]
    _, answer = await mj.submit("action", {"taskId": key, "customId": custom_id})
    return answer


@pytest.mark.parametrize(
    ("label", "action", "buttons"), [("U2", "UPSCALE", 11), ("V3", "VARIATION", 9), ("🔄", "REROLL", 9)]
)
async def test_a_button_of_a_grid_starts_a_task(
    mj: Client, clock: Clock, label: str, action: str, buttons: int
) -> None:
    """It continues its task's prompt and says whose it is; the results have buttons in their turn."""
    answer = await _press(mj, PIG, label)
    clock.advance(10)
    task = await mj.fetch(answer["result"])

    assert answer["code"] == 1
    assert (task["action"], task["status"], task["parentId"]) == (action, "SUCCESS", PIG)
    assert (task["prompt"], len(task["buttons"])) == ("pig --v 6.1", buttons)


async def test_the_buttons_of_a_single_picture(mj: Client, box: Sandbox, clock: Clock) -> None:
    """Each starts its own kind of task, but for the bookmark, which starts none."""
    box.mj.studio.core_size = 100
    single = (await _press(mj, PIG, "U1"))["result"]
    clock.advance(10)
    labels = ("Upscale (Subtle)", "Vary (Subtle)", "Vary (Strong)", "Zoom Out 2x", "⬅️", "❤️")
    answers = {label: await _press(mj, single, label) for label in labels}
    actions = [(await mj.fetch(one["result"]))["action"] for one in answers.values()]

    assert {one["code"] for one in answers.values()} == {1}
    assert actions == ["UPSCALE", "LOW_VARIATION", "HIGH_VARIATION", "ZOOM", "PAN", "UPSCALE"]
    assert answers["❤️"]["result"] == single
    assert len(box.mj.created) == 6


async def test_an_inpainting_waits_for_its_mask(mj: Client, box: Sandbox, clock: Clock) -> None:
    """Code 21 and a task that does not move; then submit/modal starts the same task."""
    single = (await _press(mj, PIG, "U1"))["result"]
    clock.advance(10)
    answer = await _press(mj, single, "Vary (Region)")
    key = answer["result"]
    clock.advance(3600)
    waiting = await mj.fetch(key)
    refused = [
        (await mj.submit("modal", {"taskId": key} | body))[1]["description"]
        for body in ({}, {"maskBase64": "UklGRg=="})
    ]
    _, confirmed = await mj.submit("modal", {"taskId": key, "prompt": "a hat", "maskBase64": MASK})
    _, twice = await mj.submit("modal", {"taskId": key, "prompt": "a hat", "maskBase64": MASK})
    begun = await mj.fetch(key)
    clock.advance(10)
    ended = await mj.fetch(key)

    assert answer == {
        "code": 21,
        "description": "Waiting for window confirm",
        "result": key,
        "properties": {"finalPrompt": "pig --v 6.1", "remix": True},
    }
    assert (waiting["status"], waiting["progress"], waiting["buttons"]) == ("MODAL", None, [])
    assert refused == ["maskBase64不能为空", "maskBase64格式错误"]
    assert (confirmed["code"], confirmed["result"]) == (1, key)
    assert (twice["code"], twice["description"]) == (4, "关联任务状态错误")
    assert (begun["status"], begun["action"]) == ("NOT_START", "INPAINT")
    assert (ended["status"], ended["prompt"], ended["parentId"]) == ("SUCCESS", "a hat", single)
    assert ended["startTime"] - begun["submitTime"] == 3_602_000
    assert box.mj.created == [single, key]


async def test_a_custom_zoom_needs_no_mask_and_a_confirmation_can_be_cancelled(
    mj: Client, clock: Clock
) -> None:
    """It keeps its prompt where no other is given."""
    single = (await _press(mj, PIG, "U1"))["result"]
    clock.advance(10)
    first, second = [(await _press(mj, single, "Custom Zoom"))["result"] for _ in range(2)]
    await mj.submit("modal", {"taskId": first})
    await mj.json(f"/mj/task/{second}/cancel", "POST")
    clock.advance(10)
    tasks = [await mj.fetch(key) for key in (first, second)]

    assert [(one["status"], one["prompt"]) for one in tasks] == [
        ("SUCCESS", "pig --v 6.1"),
        ("FAILURE", "pig --v 6.1"),
    ]


@pytest.mark.parametrize(
    ("name", "body", "answer"),
    [
        ("action", {"taskId": "1", "customId": "MJ::JOB::upsample::1::x"}, (404, MISSING)),
        ("modal", {"taskId": "1"}, (404, MISSING)),
        ("action", {"taskId": PIG, "customId": "MJ::JOB::upsample::1::x"}, "customId参数错误"),
        ("action", {"taskId": PIG, "customId": ""}, "taskId或customId不能为空"),
        ("action", {"customId": "MJ::JOB::upsample::1::x"}, "taskId或customId不能为空"),
        ("action", {"taskId": TASKS["FAILURE"], "customId": "MJ::JOB::reroll::0::x"}, "关联任务状态错误"),
        ("modal", {}, "taskId不能为空"),
        ("modal", {"taskId": PIG}, "关联任务状态错误"),
    ],
)
async def test_presses_that_are_refused(mj: Client, box: Sandbox, name: str, body: Any, answer: Any) -> None:
    """An unknown task is a 404 in C#; everything else is a 200 with code 4."""
    if isinstance(answer, str):
        answer = (200, {"code": 4, "description": answer, "result": None, "properties": {}})

    assert await mj.submit(name, body) == answer
    assert box.mj.created == []


async def test_the_java_server_changes_by_number(mj: Client, box: Sandbox, clock: Clock) -> None:
    """A picture that has been singled out already is answered as it is: code 21."""
    box.mj.flavour = "java"
    change = {"taskId": PIG, "action": "UPSCALE", "index": 2}
    _, first = await mj.submit("change", change)
    _, running = await mj.submit("simple-change", {"content": f"{PIG} U2"})
    clock.advance(10)
    _, ended = await mj.submit("change", change)
    _, varied = await mj.submit("simple-change", {"content": f" {PIG} V4 "})
    _, rerolled = await mj.submit("change", {"taskId": PIG, "action": "REROLL"})
    task = await mj.fetch(first["result"])

    assert [one["code"] for one in (first, running, ended, varied, rerolled)] == [1, 21, 21, 1, 1]
    assert running == {
        "code": 21,
        "description": "任务已存在",
        "result": first["result"],
        "properties": {"status": "NOT_START", "imageUrl": ""},
    }
    assert ended["result"] == first["result"]
    assert ended["properties"] == {"status": "SUCCESS", "imageUrl": task["imageUrl"]}
    assert box.mj.created == [first["result"], varied["result"], rerolled["result"]]


@pytest.mark.parametrize(
    ("name", "body", "code", "description"),
    [
        ("change", {}, 4, "taskId不能为空"),
        ("change", {"taskId": PIG, "action": "ZOOM"}, 4, "action参数错误"),
        ("change", {"taskId": PIG, "action": ["UPSCALE"]}, 4, "action参数错误"),
        ("change", {"taskId": PIG, "action": "UPSCALE"}, 4, "index参数错误"),
        ("change", {"taskId": PIG, "action": "UPSCALE", "index": True}, 4, "index参数错误"),
        ("change", {"taskId": PIG, "action": "VARIATION", "index": 5}, 4, "index参数错误"),
        ("change", {"taskId": "1", "action": "REROLL"}, 3, MISSING["description"]),
        ("change", {"taskId": TASKS["FAILURE"], "action": "REROLL"}, 4, "关联任务状态错误"),
        ("change", {"taskId": TASKS["VIDEO_EXTEND"], "action": "REROLL"}, 4, "关联任务不允许执行变化"),
        ("simple-change", {}, 4, "content参数错误"),
        ("simple-change", {"content": f"{PIG} U5"}, 4, "content参数错误"),
        ("simple-change", {"content": "1 R"}, 3, MISSING["description"]),
    ],
)
async def test_changes_that_are_refused(
    mj: Client, box: Sandbox, name: str, body: Any, code: int, description: str
) -> None:
    """All with a status of 200."""
    box.mj.flavour = "java"

    status, answer = await mj.submit(name, body)

    assert (status, answer["code"], answer["description"]) == (200, code, description)
    assert box.mj.created == []
