"""Submits to midjourney-proxy: what is accepted, queued and refused, in each flavour."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox import Clock, Sandbox
from sandbox.mjproxy.access import Flavour
from sandbox.mjproxy.submits import SUBMITS
from tests.sandbox.requests_midjourney import Client, asking_proxy

PNG = "data:image/png;base64,iVBORw0KGgo="
PROMPT = {"prompt": "an otter reading --ar 3:2 --v 6.1"}
INSTANCE = {"discordInstanceId": "1300842274347028519"}


async def test_a_task_waits_runs_and_succeeds(mj: Client, box: Sandbox, clock: Clock) -> None:
    """Accepted with its id; progress is text; the picture has the shape that the prompt asks for."""
    status, answer = await mj.submit("imagine", PROMPT | {"state": "page 3"})
    key = answer["result"]
    seen = []
    for seconds in (0, 1, 1, 4, 4):
        clock.advance(seconds)
        seen.append(await mj.fetch(key))

    assert (status, answer) == (
        200,
        {"code": 1, "description": "提交成功", "result": key, "properties": INSTANCE},
    )
    assert (len(key), box.mj.created) == (16, [key])
    assert [(one["status"], one["progress"]) for one in seen] == [
        ("NOT_START", None),
        ("SUBMITTED", None),
        ("IN_PROGRESS", "0%"),
        ("IN_PROGRESS", "50%"),
        ("SUCCESS", "100%"),
    ]
    assert [bool(one["imageUrl"]) for one in seen] == [False, False, False, True, True]
    ended = seen[-1]
    assert (ended["prompt"], ended["action"], ended["state"]) == (PROMPT["prompt"], "IMAGINE", "page 3")
    assert (ended["width"], ended["height"], len(ended["buttons"])) == (480, 320, 9)


@pytest.mark.parametrize(
    ("name", "body", "action"),
    [
        ("imagine", PROMPT | {"base64Array": [PNG], "botType": "NIJI_JOURNEY"}, "IMAGINE"),
        ("describe", {"base64": PNG}, "DESCRIBE"),
        ("describe", {"link": "https://example.test/a.png"}, "DESCRIBE"),
        ("blend", {"base64Array": [PNG] * 5, "dimensions": "PORTRAIT"}, "BLEND"),
        ("shorten", PROMPT, "SHORTEN"),
    ],
)
async def test_what_starts_a_task(mj: Client, box: Sandbox, name: str, body: Any, action: str) -> None:
    """Each kind becomes a task with its action."""
    _, answer = await mj.submit(name, body)

    assert answer["code"] == 1
    assert (await mj.fetch(answer["result"]))["action"] == action
    assert box.mj.created == [answer["result"]]


@pytest.mark.parametrize(
    ("name", "body", "description"),
    [
        ("imagine", {}, "prompt不能为空"),
        ("imagine", {"prompt": " "}, "prompt不能为空"),
        ("imagine", PROMPT | {"botType": "DALLE"}, "botType参数错误"),
        ("imagine", PROMPT | {"base64Array": ["https://example.test/a.png"]}, "base64格式错误"),
        ("imagine", PROMPT | {"base64Array": ["data:image/png;base64,%%"]}, "base64格式错误"),
        ("imagine", PROMPT | {"state": "x" * 256}, "state长度不能超过255"),
        ("describe", {}, "base64不能为空"),
        ("describe", {"base64": "iVBORw0KGgo="}, "base64格式错误"),
        ("blend", {"base64Array": [PNG]}, "base64List参数错误"),
        ("blend", {"base64Array": [PNG] * 6}, "base64List参数错误"),
        ("blend", {"base64Array": [PNG, "x"]}, "base64格式错误"),
        ("blend", {"base64Array": [PNG] * 2, "dimensions": "WIDE"}, "dimensions参数错误"),
        ("shorten", {}, "prompt不能为空"),
    ],
)
async def test_what_is_invalid(mj: Client, box: Sandbox, name: str, body: Any, description: str) -> None:
    """Code 4 with a status of 200, and nothing is started."""
    invalid = {"code": 4, "description": description, "result": None, "properties": {}}

    assert await mj.submit(name, body) == (200, invalid)
    assert box.mj.created == []


async def test_a_banned_prompt_has_no_result(mj: Client, box: Sandbox) -> None:
    """Code 24 with the word; no task."""
    answer = await mj.submit("imagine", {"prompt": "Gore everywhere"})

    properties = {"promptEn": "Gore everywhere", "bannedWord": "gore"}
    assert answer == (200, {"code": 24, "description": "可能包含敏感词", "properties": properties})
    assert box.mj.created == []


async def test_an_invalid_parameter_fails_the_task(mj: Client, clock: Clock) -> None:
    """It is accepted: Midjourney itself finds it later."""
    _, answer = await mj.submit("imagine", {"prompt": "a heron --ar 0:0"})
    clock.advance(10)
    task = await mj.fetch(answer["result"])

    assert (task["status"], task["failReason"], task["imageUrl"]) == (
        "FAILURE",
        "Invalid parameter: `--ar`",
        None,
    )


async def test_tasks_queue_behind_three_and_thirteen_are_too_many(
    mj: Client, box: Sandbox, clock: Clock
) -> None:
    """Code 22 is accepted too; 23 is not. A queued task starts when one before it has ended."""
    answers = [(await mj.submit("imagine", PROMPT))[1] for _ in range(14)]

    assert [one["code"] for one in answers] == [1] * 3 + [22] * 10 + [23]
    assert answers[3] == {
        "code": 22,
        "description": "排队中，前面还有1个任务",
        "result": answers[3]["result"],
        "properties": {"numberOfQueues": 1} | INSTANCE,
    }
    assert answers[13] == {
        "code": 23,
        "description": "队列已满，请稍后尝试",
        "result": None,
        "properties": {},
    }
    assert box.mj.created == [one["result"] for one in answers[:13]]
    clock.advance(10)
    statuses = [(await mj.fetch(one["result"]))["status"] for one in answers[:7]]
    assert statuses == ["SUCCESS"] * 3 + ["IN_PROGRESS"] * 3 + ["SUBMITTED"]
    assert (await mj.submit("imagine", PROMPT))[1]["code"] == 22


async def test_without_accounts_nothing_is_accepted(mj: Client, box: Sandbox) -> None:
    """Code 3."""
    box.mj.studio.accounts = False

    answer = await mj.submit("imagine", PROMPT)

    assert answer == (200, {"code": 3, "description": "无可用的账号实例", "result": None, "properties": {}})


async def test_ids_may_be_numbers(mj: Client, box: Sandbox) -> None:
    """As some resellers print them."""
    box.mj.numeric_results = True

    _, answer = await mj.submit("imagine", PROMPT)

    assert [str(answer["result"])] == box.mj.created


@pytest.mark.parametrize("flavour", ["csharp", "java", "reseller"])
async def test_each_flavour_has_its_submits(mj: Client, box: Sandbox, flavour: Flavour) -> None:
    """The others are not there, in any mode."""
    box.mj.flavour = flavour
    found = {name: (await mj.submit(name, {}))[0] for name in SUBMITS}
    fast = {name: (await mj.json(f"/mj-fast/mj/submit/{name}", "POST", json={}))[0] for name in SUBMITS}

    assert found == fast == {name: 200 if flavour in there else 404 for name, there in SUBMITS.items()}


@pytest.mark.parametrize("code", [9, 23, 24])
async def test_a_fault_refuses_with_any_code(mj: Client, box: Sandbox, code: int) -> None:
    """A status of 200 stands for the submit's own form."""
    box.mj.fail("POST /mj/submit/imagine", status=200, code=str(code), times=1)

    refused = await mj.submit("imagine", PROMPT)
    accepted = await mj.submit("imagine", PROMPT)

    assert (refused[0], refused[1]["code"], refused[1]["result"]) == (200, code, None)
    assert (accepted[1]["code"], len(box.mj.created)) == (1, 1)


@pytest.mark.parametrize("body", [b"", b"[]", b"{"])
async def test_a_submit_without_an_object_is_a_400(mj: Client, body: bytes) -> None:
    """Whatever was sent instead."""
    status, answer = await mj.json("/mj/submit/imagine", "POST", data=body)

    assert (status, answer["success"], answer["message"]) == (400, False, "Bad Request")


async def test_cancelling_is_a_failure(mj: Client, box: Sandbox, clock: Clock) -> None:
    """200 with an empty body, also where there is nothing to cancel; only the C# server has it."""
    _, answer = await mj.submit("imagine", PROMPT)
    clock.advance(3)

    cancelled = await mj.json(f"/mj/task/{answer['result']}/cancel", "POST")
    unknown = await mj.json("/mj/task/1/cancel", "POST")
    clock.advance(60)
    task = await mj.fetch(answer["result"])
    box.mj.flavour = "java"
    absent, _ = await mj.json(f"/mj/task/{answer['result']}/cancel", "POST")

    assert cancelled == unknown == (200, None)
    assert (task["status"], task["failReason"], task["finishTime"]) == (
        "FAILURE",
        "取消任务",
        round(clock() * 1000) - 60_000,
    )
    assert absent == 404


async def test_a_bearer_key_works_where_bearer_is_the_mode(box: Sandbox) -> None:
    """For submits as for image-seed, as a reseller's documents show it."""
    box.mj.auth = "bearer"
    bearer = {"Authorization": f"Bearer {box.mj.key}"}
    raw = {"Authorization": box.mj.key}
    async with asking_proxy(box.mj) as client:
        accepted, _ = await client.json("/mj/submit/imagine", "POST", json=PROMPT, headers=bearer)
        seed, _ = await client.json("/mj/task/1730621826053455/image-seed", headers=bearer)
        refused = [
            (await client.text("/mj/submit/imagine", "POST", json=PROMPT, headers=raw))[0],
            (await client.text("/mj/task/1730621826053455/image-seed", headers=raw))[0],
        ]

    assert (accepted, seed, refused) == (200, 200, [401, 401])
    assert len(box.mj.created) == 1
