"""Midjourney's tasks are started, acted on and cancelled through the graph."""

from __future__ import annotations

import base64
from collections import Counter
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest

from loaders import cache
from loaders.midjourney import tasks
from sandbox import Sandbox
from tests.conftest import Client, Serve

IMAGINE = "POST /mj/submit/imagine"
ACTION = "POST /mj/submit/action"
MODAL = "POST /mj/submit/modal"
LOOKUP = "POST /mj/task/list-by-condition"
SEED = "GET /mj/task/{id}/image-seed"
MASK = base64.b64encode(b"\x89PNG\r\n\x1a\n").decode()

START = """mutation($input: MidjourneyImagineInput!, $key: String) {
  createTask(input: { midjourneyImagine: $input }, idempotencyKey: $key) {
    taskId
    task { status progress prompt state }
  }
}"""
LOOK = """query($id: ID!) {
  task(id: $id) {
    status progress isTerminal operation
    media { url seed { value origin } } actions { id label emoji }
  }
}"""
PRESS = """mutation($id: ID!, $action: ID!, $prompt: String, $mask: String) {
  performAction(taskId: $id, actionId: $action, prompt: $prompt, maskBase64: $mask) {
    taskId task { status operation prompt }
  }
}"""
RERUN = "mutation($id: ID!) { rerunTask(id: $id) { taskId task { status operation prompt } } }"
CANCEL = "mutation($id: ID!) { cancelTask(id: $id) { taskId task { status isTerminal } } }"


@pytest.fixture(autouse=True)
def nothing_unfinished_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is for a second, of the wall clock, which no step of the sandbox's moves."""
    for module in (cache, tasks):
        monkeypatch.setattr(module, "RUNNING", 0.0)


def serving(box: Sandbox, serve: Serve, way: str) -> AbstractAsyncContextManager[Client]:
    """Over midjourney-proxy and new-api, or over new-api and its relay."""
    if way == "proxy":
        return serve()
    return serve(
        newapi_url=box.newapi.url,
        newapi_token=box.newapi.key,
        newapi_user=box.newapi.user,
        mj_url=box.newapi.url,
        mj_key=box.newapi.relay_key,
        mj_auth="bearer",
    )


def calls(box: Sandbox) -> Counter[str]:
    """Of both servers; new-api lists at its start, when it is looked at."""
    return box.mj.requests + box.newapi.requests


async def look(graph: Client, id: str) -> dict[str, Any]:
    """The task."""
    found: dict[str, Any] = (await graph.data(LOOK, id=id))["task"]
    return found


def action(task: dict[str, Any], label: str) -> str:
    """The id of its button."""
    found: str = next(one["id"] for one in task["actions"] if label in {one["label"], one["emoji"]})
    return found


async def upscaled(graph: Client, box: Sandbox) -> tuple[str, dict[str, Any]]:
    """A single picture of a grid that exists."""
    pig = "task:midjourney:1730621826053455"
    answer = await graph.data(PRESS, id=pig, action=action(await look(graph, pig), "U1"))
    box.clock.advance(10)
    key = answer["performAction"]["taskId"]
    return key, await look(graph, key)


@pytest.mark.parametrize("way", ["proxy", "relay"])
async def test_from_a_prompt_to_a_picture_and_its_seed(box: Sandbox, serve: Serve, way: str) -> None:
    """Imagine, progress, U1, the picture's URL and its seed; each write is sent once."""
    async with serving(box, serve, way) as graph:
        before = calls(box)
        started = (await graph.data(START, input={"prompt": "a heron --ar 3:2", "state": "card 7"}))[
            "createTask"
        ]
        box.clock.advance(6)
        running = await look(graph, started["taskId"])
        box.clock.advance(10)
        grid = await look(graph, started["taskId"])
        pressed = await graph.data(PRESS, id=started["taskId"], action=action(grid, "U1"))
        box.clock.advance(10)
        picture = await look(graph, pressed["performAction"]["taskId"])

    assert started["task"] == {
        "status": "QUEUED",
        "progress": 0 if way == "relay" else None,
        "prompt": "a heron --ar 3:2",
        "state": "card 7",
    }
    assert (running["status"], 0 < running["progress"] < 100, running["media"]) == ("RUNNING", True, [])
    assert (grid["status"], grid["isTerminal"], len(grid["actions"])) == ("SUCCEEDED", True, 9)
    assert pressed["performAction"]["task"]["operation"] == "UPSCALE"
    (medium,) = picture["media"]
    assert medium["url"].startswith("http://127.0.0.1")
    assert (medium["seed"]["value"].isdecimal(), medium["seed"]["origin"]) == (True, "IMAGE_SEED")
    assert [f"task:midjourney:{key}" for key in box.mj.created] == [
        started["taskId"],
        pressed["performAction"]["taskId"],
    ]
    # the grid's seed is asked for as well; the look-up before the press is remembered
    made = calls(box) - before
    assert (made[IMAGINE], made[ACTION], made[SEED], made[LOOKUP]) == (1, 1, 2, 5)


@pytest.mark.parametrize("way", ["proxy", "relay"])
async def test_a_window_and_its_confirmation(box: Sandbox, serve: Serve, way: str) -> None:
    """An inpainting waits, with one action, and goes on with a prompt and a mask."""
    async with serving(box, serve, way) as graph:
        source, picture = await upscaled(graph, box)
        opened = await graph.data(PRESS, id=source, action=action(picture, "Vary (Region)"))
        window = opened["performAction"]["taskId"]
        waiting = await look(graph, window)
        confirmed = await graph.data(
            PRESS, id=window, action=waiting["actions"][0]["id"], prompt="a hat", mask=MASK
        )
        box.clock.advance(10)
        done = await look(graph, window)

    assert opened["performAction"]["task"]["status"] == "ACTION_REQUIRED"
    assert waiting["actions"] == [{"id": "confirm", "label": "Confirm", "emoji": None}]
    assert confirmed["performAction"] == {
        "taskId": window,
        "task": {"status": "QUEUED", "operation": "INPAINT", "prompt": "a hat"},
    }
    assert (done["status"], done["operation"]) == ("SUCCEEDED", "INPAINT")
    assert (calls(box)[ACTION], calls(box)[MODAL]) == (2, 1)


async def test_rerunning(graph: Client, box: Sandbox) -> None:
    """A grid by its reroll button; a failed one by its prompt; what has neither is not supported."""
    failed = box.mj.world.insert(given="a failed heron", status="FAILURE", buttons=())
    described = box.mj.world.insert(None, "DESCRIBE")

    grid = await graph.data(RERUN, id="midjourney:1730621826053455")
    again = await graph.data(RERUN, id=f"midjourney:{failed.id}")
    neither = await graph.ask(RERUN, id=f"midjourney:{described.id}")

    assert grid["rerunTask"]["task"]["operation"] == "REROLL"
    assert again["rerunTask"]["task"] == {
        "status": "QUEUED",
        "operation": "IMAGINE",
        "prompt": "a failed heron",
    }
    assert neither["data"] == {"rerunTask": None}
    assert neither["errors"][0]["extensions"]["code"] == "NOT_SUPPORTED"
    assert (box.mj.requests[IMAGINE], box.mj.requests[ACTION]) == (1, 1)


async def test_cancelling(graph: Client, box: Sandbox) -> None:
    """It answers what midjourney-proxy then says: the task has failed."""
    started = (await graph.data(START, input={"prompt": "a heron"}))["createTask"]

    answer = await graph.data(CANCEL, id=started["taskId"])

    assert answer["cancelTask"] == {
        "taskId": started["taskId"],
        "task": {"status": "FAILED", "isTerminal": True},
    }


async def test_a_relay_cancels_nothing(box: Sandbox, serve: Serve) -> None:
    """`providers` says so beforehand; nothing is deleted or uploaded through either server."""
    async with serving(box, serve, "relay") as graph:
        told = await graph.data("{ providers { provider capabilities } }")
        answer = await graph.ask(CANCEL, id="midjourney:1")

    midjourney = next(one for one in told["providers"] if one["provider"] == "MIDJOURNEY")
    assert {"CREATE", "RERUN", "ACT"} < set(midjourney["capabilities"])
    assert set(midjourney["capabilities"]).isdisjoint({"CANCEL", "DELETE", "UPLOAD"})
    assert answer["errors"][0]["extensions"]["code"] == "NOT_SUPPORTED"
    assert "POST unknown" not in calls(box)


@pytest.mark.parametrize(
    ("prompt", "fault", "code", "created"),
    [
        ("a nude statue", None, "UPSTREAM_REJECTED", 0),
        ("a heron", {"status": 200, "code": "23"}, "UPSTREAM_THROTTLED", 0),
        ("a heron", {"status": 200, "code": "9"}, "UPSTREAM_FAULT", 0),
        ("a heron", {"status": 401}, "UPSTREAM_REFUSED", 0),
        ("a heron", {"answer_lost": True}, "OUTCOME_UNKNOWN", 1),
        ("a heron", {"truncated": True}, "OUTCOME_UNKNOWN", 1),
        ("a heron", {"html": True}, "OUTCOME_UNKNOWN", 0),
        ("http://169.254.169.254/latest a heron", None, "BAD_USER_INPUT", 0),
    ],
)
async def test_failures(
    graph: Client, box: Sandbox, prompt: str, fault: Any, code: str, created: int
) -> None:
    """One error with its code; the same key is asked again and pays no second time where nobody knows."""
    if fault is not None:
        box.mj.fail(IMAGINE, times=1, **fault)

    first = await graph.ask(START, input={"prompt": prompt}, key="1")
    second = await graph.ask(START, input={"prompt": prompt}, key="1")

    assert first["data"] == {"createTask": None}
    assert [error["extensions"]["code"] for error in first["errors"]] == [code]
    if code == "OUTCOME_UNKNOWN":
        assert [error["extensions"]["code"] for error in second["errors"]] == [code]
        assert (len(box.mj.created), box.mj.requests[IMAGINE]) == (created, 1)
    elif fault is not None:  # it was refused, and the second one is not
        assert second["data"]["createTask"]["task"]["status"] == "QUEUED"
        assert len(box.mj.created) == 1
    else:
        assert second == first
        assert box.mj.created == []


async def test_a_failing_look_after_an_accepted_submit(graph: Client, box: Sandbox) -> None:
    """The id of what was paid for is there; the task is null, with the look-up's own error."""
    box.mj.fail(LOOKUP, status=403)

    answer = await graph.ask(START, input={"prompt": "a heron"})

    assert answer["data"] == {"createTask": {"taskId": f"task:midjourney:{box.mj.created[0]}", "task": None}}
    assert [(error["path"], error["extensions"]["code"]) for error in answer["errors"]] == [
        (["createTask", "task"], "UPSTREAM_REFUSED")
    ]
