"""Webhooks: what each upstream posts when a task changes."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp import ClientSession

from sandbox import Clock, Sandbox
from sandbox.pixai.records import USER
from tests.sandbox.receiver import Receiver, receiving
from tests.sandbox.requests import PixAI
from tests.sandbox.requests_meshy import IMAGES, asking
from tests.sandbox.requests_midjourney import asking_proxy

CREATE = "mutation($p: JSONObject!) { createGenerationTask(parameters: $p) { id } }"
EDIT = {
    "ai_model": "nano-banana",
    "prompt": "Carve it from driftwood",
    "reference_image_urls": ["https://example.test/a.png"],
}


async def test_pixais_account_webhook_has_an_envelope(pixai: PixAI, box: Sandbox, clock: Clock) -> None:
    """One for each change, named with one l where it is cancelled; the task is that of GraphQL."""
    async with receiving() as receiver:
        box.pixai.webhook = receiver.url
        made = [(await pixai.data(CREATE, p={"prompts": "x"}))["createGenerationTask"]["id"] for _ in "ab"]
        cancel = "mutation($id: ID!) { cancelGenerationTask(id: $id) { id } }"
        await pixai.data(cancel, id=made[1])
        clock.advance(10)
        told = await _until(
            receiver, lambda one: one["type"] == "task_completed" and one["data"]["id"] == made[0]
        )

    mine = [one for one in told if one["data"]["id"] in made]
    assert [(made.index(one["data"]["id"]), one["type"]) for one in mine] == [
        (0, "task_updated"),
        (1, "task_updated"),
        (1, "task_canceled"),
        (0, "task_running"),
        (0, "task_completed"),
    ]
    last = mine[-1]
    assert {name: last[name] for name in ("userId", "webhookUrl", "retryCount")} == {
        "userId": USER,
        "webhookUrl": receiver.url,
        "retryCount": 0,
    }
    assert last["data"]["outputs"]["mediaId"]


async def test_pixais_callback_is_the_tasks_own(pixai: PixAI, clock: Clock) -> None:
    """Only the v2 API takes one; it has an action and the task as REST answers it."""
    async with receiving() as receiver:
        body = {"modelVersionId": "1", "prompt": "a heron", "callbackUrl": receiver.url}
        _, made = await pixai.send("/v2/image/create", body)
        await pixai.send("/v1/task", {"parameters": {"prompts": "another"}})
        clock.advance(10)
        told = await _until(receiver, lambda one: one["action"] == "task_completed")

    assert [one["action"] for one in told] == ["task_updated", "task_running", "task_completed"]
    assert {one["data"]["id"] for one in told} == {made["id"]}
    assert list(told[-1]["data"]) == ["id", "status", "createdAt", "updatedAt", "outputs"]
    assert len(told[-1]["data"]["outputs"]["mediaUrls"]) == 1


async def test_meshys_webhook_is_the_plain_task(box: Sandbox, clock: Clock) -> None:
    """With every status, as GET answers it."""
    async with receiving() as receiver, asking(box.meshy) as meshy:
        box.meshy.webhook = receiver.url
        _, made = await meshy.ask(IMAGES, "POST", json=EDIT)
        clock.advance(10)
        told = await _until(receiver, lambda one: (one["id"], one["status"]) == (made["result"], "SUCCEEDED"))
        task = await meshy.task(made["result"])

    mine = [one for one in told if one["id"] == made["result"]]
    assert [one["status"] for one in mine] == ["PENDING", "IN_PROGRESS", "SUCCEEDED"]
    assert mine[-1] == task


async def test_midjourneys_hook_tells_progress(box: Sandbox, clock: Clock) -> None:
    """To the task's own hook and to that of all tasks; an unaccepted submit tells nothing."""
    async with receiving() as own, receiving() as every, asking_proxy(box.mj) as mj:
        box.mj.webhook = every.url
        await mj.submit("imagine", {"prompt": "", "notifyHook": own.url})
        _, answer = await mj.submit("imagine", {"prompt": "a heron", "notifyHook": own.url})
        clock.advance(10)
        told = await _until(own, lambda one: one["status"] == "SUCCESS")
        also = await _until(every, lambda one: (one["id"], one["status"]) == (answer["result"], "SUCCESS"))
        task = await mj.fetch(answer["result"])

    assert [(one["status"], one["progress"]) for one in told] == [
        ("NOT_START", None),
        ("SUBMITTED", None),
        ("IN_PROGRESS", "0%"),
        ("IN_PROGRESS", "20%"),
        ("IN_PROGRESS", "40%"),
        ("IN_PROGRESS", "60%"),
        ("IN_PROGRESS", "80%"),
        ("SUCCESS", "100%"),
    ]
    assert told == [one for one in also if one["id"] == answer["result"]]
    assert told[-1]["properties"]["notifyHook"] == own.url
    assert told[-1].keys() == task.keys()


@pytest.mark.parametrize("broken", ["", "http://127.0.0.1:1/closed", "nonsense"])
async def test_a_receiver_that_fails_disturbs_nobody(pixai: PixAI, box: Sandbox, broken: str) -> None:
    """It is not asked again, and the next one is."""
    box.pixai.webhook = broken
    await pixai.data(CREATE, p={"prompts": "x"})
    async with receiving() as receiver:
        receiver.status = 500
        box.pixai.webhook = receiver.url
        await pixai.data(CREATE, p={"prompts": "x"})
        await pixai.data(CREATE, p={"prompts": "x"})

        assert [(await receiver.next())["data"]["id"] for _ in "ab"] == box.pixai.created[1:]
        assert receiver.empty()


async def test_the_webhook_is_set_over_http_too(pixai: PixAI, box: Sandbox) -> None:
    """For clients in other processes."""
    async with receiving() as receiver, ClientSession(box.pixai.url) as session:
        async with session.post("/_sandbox/webhook", json={"url": receiver.url}) as answer:
            assert answer.status == 204
        await pixai.data(CREATE, p={"prompts": "x"})
        told = await receiver.next()
        async with session.post("/_sandbox/webhook", json={"url": 5}) as answer:
            refused = answer.status, await answer.json()
        async with session.post("/_sandbox/webhook", json={"url": None}) as answer:
            assert answer.status == 204

    assert told["webhookUrl"] == receiver.url
    assert refused == (400, {"message": "url=5: expected text or null"})
    assert box.pixai.webhook is None


async def _until(receiver: Receiver, last: Any) -> list[Any]:
    """What is received until this holds for the last of it."""
    told = [await receiver.next()]
    while not last(told[-1]):
        told.append(await receiver.next())
    return told
