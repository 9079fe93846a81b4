"""Submits through new-api's relay: its own checks, the row each makes, the codes it rewrites."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import ClientSession

from sandbox import Clock, Sandbox
from sandbox.midjourney.edge_cases import TASKS
from sandbox.newapi.access import OTHER
from tests.sandbox.receiver import receiving
from tests.sandbox.requests_midjourney import PIG, Client, asking_newapi, asking_proxy

PNG = "data:image/png;base64,iVBORw0KGgo="
PROMPT = {"prompt": "a moth above wheat"}


@pytest.fixture
async def dashboard(box: Sandbox) -> AsyncIterator[Client]:
    async with asking_newapi(box.newapi) as client:
        yield client


async def test_an_accepted_submit_is_a_row_and_costs_quota(
    relay: Client, dashboard: Client, box: Sandbox, clock: Clock
) -> None:
    """The newest of its user's list; without a status at first."""
    quota = box.newapi.quota
    status, answer = await relay.submit("imagine", PROMPT)
    rows = [(await dashboard.page("p=1&page_size=1"))["items"][0]]
    clock.advance(10)
    rows.append((await dashboard.page("p=1&page_size=1"))["items"][0])
    task = await relay.fetch(answer["result"])

    assert (status, answer["code"], box.newapi.created) == (200, 1, [answer["result"]])
    assert [(one["mj_id"], one["status"], one["progress"]) for one in rows] == [
        (answer["result"], "", "0%"),
        (answer["result"], "SUCCESS", "100%"),
    ]
    assert (task["status"], task["prompt"]) == ("SUCCESS", PROMPT["prompt"])
    assert box.newapi.quota == quota - rows[0]["quota"]


async def test_queued_reads_as_accepted_but_a_confirmation_does_not(
    relay: Client, dashboard: Client, box: Sandbox, clock: Clock
) -> None:
    """22 is rewritten to 1, in the row it stays; 21 stays where a confirmation is awaited."""
    answers = [(await relay.submit("imagine", PROMPT))[1] for _ in range(4)]
    row = (await dashboard.page("p=1&page_size=1"))["items"][0]
    clock.advance(60)
    grid = await relay.fetch(PIG)
    _, single = await relay.submit("action", {"taskId": PIG, "customId": grid["buttons"][0]["customId"]})
    clock.advance(60)
    buttons = {one["label"]: one["customId"] for one in (await relay.fetch(single["result"]))["buttons"]}
    _, zoom = await relay.submit("action", {"taskId": single["result"], "customId": buttons["Custom Zoom"]})
    _, confirmed = await relay.submit("modal", {"taskId": zoom["result"], "prompt": "wider"})

    assert [one["code"] for one in answers] == [1, 1, 1, 1]
    assert answers[3]["description"] == "排队中，前面还有1个任务"
    assert (row["mj_id"], row["code"]) == (answers[3]["result"], 22)
    assert (zoom["code"], zoom["description"]) == (21, "Waiting for window confirm")
    assert (confirmed["code"], confirmed["result"]) == (1, zoom["result"])
    assert box.newapi.created == [*(one["result"] for one in answers), single["result"], zoom["result"]]


async def test_a_single_picture_that_exists_reads_as_accepted(relay: Client, clock: Clock) -> None:
    """The Java server behind it answers 21."""
    change = {"taskId": PIG, "action": "UPSCALE", "index": 1}
    _, first = await relay.submit("change", change)
    clock.advance(10)
    _, second = await relay.submit("simple-change", {"content": f"{PIG} U1"})

    assert (first["code"], second["code"], second["description"]) == (1, 1, "任务已存在")
    assert first["result"] == second["result"]


async def test_a_refusal_is_relayed_and_kept_as_a_failed_row(
    relay: Client, dashboard: Client, box: Sandbox
) -> None:
    """The row has no id; nothing is paid, nothing is created."""
    quota = box.newapi.quota
    status, answer = await relay.submit("imagine", {"prompt": "nude"})
    row = (await dashboard.page("p=1&page_size=1"))["items"][0]

    assert (status, answer["code"], answer["properties"]["bannedWord"]) == (200, 24, "nude")
    assert (row["mj_id"], row["code"], row["status"], row["fail_reason"], row["quota"]) == (
        "",
        24,
        "FAILURE",
        "可能包含敏感词",
        0,
    )
    assert (box.newapi.created, box.newapi.quota) == ([], quota)


@pytest.mark.parametrize(
    ("name", "body", "description"),
    [
        ("imagine", {}, "prompt_is_required"),
        ("shorten", {}, "prompt_is_required"),
        ("change", {}, "task_id_is_required"),
        ("change", {"taskId": PIG}, "action_is_required"),
        ("change", {"taskId": PIG, "action": "UPSCALE"}, "index_is_required"),
        ("change", {"taskId": "1", "action": "REROLL"}, "task_not_found"),
        ("change", {"taskId": TASKS["another user's"], "action": "REROLL"}, "task_not_found"),
        ("change", {"taskId": TASKS["FAILURE"], "action": "REROLL"}, "task_status_not_success"),
        ("simple-change", {}, "content_is_required"),
        ("simple-change", {"content": "U2"}, "content_parse_failed"),
        ("action", {"taskId": PIG, "customId": "nonsense"}, "unknown_action"),
        ("action", {"customId": "MJ::JOB::reroll::0::x"}, "task_id_is_required"),
        ("modal", {}, "task_id_is_required"),
        ("modal", {"taskId": "1"}, "task_not_found"),
        ("imagine", [], "bind_request_body_failed"),
    ],
)
async def test_what_the_relay_itself_refuses(
    relay: Client, box: Sandbox, name: str, body: Any, description: str
) -> None:
    """400, and a description that ends with a space."""
    refused = {"description": f"{description} ", "type": "upstream_error", "code": 4}

    assert await relay.submit(name, body) == (400, refused)
    assert box.newapi.created == []


async def test_without_quota_nothing_is_submitted(relay: Client, box: Sandbox) -> None:
    """A described picture is cheaper than an imagined one."""
    box.newapi.quota = 10_000

    refused = await relay.submit("imagine", PROMPT)
    described = await relay.submit("describe", {"base64": PNG})

    assert refused == (400, {"description": "quota_not_enough ", "type": "upstream_error", "code": 4})
    assert (described[1]["code"], box.newapi.quota) == (1, 0)


async def test_a_submit_belongs_to_the_user_of_the_key(relay: Client, box: Sandbox) -> None:
    """The others do not find it; without a key there is nothing at all."""
    headers = {"Authorization": f"Bearer {OTHER.key}"}
    async with ClientSession() as session:
        other = Client(box.newapi.url, session, headers)
        _, answer = await other.submit("imagine", PROMPT)
        theirs = await other.fetch(answer["result"])
        nobody, _ = await Client(box.newapi.url, session, {}).submit("imagine", PROMPT)

    assert theirs["id"] == answer["result"]
    assert await relay.many(answer["result"]) == []
    assert nobody == 401


async def test_notify_hooks_pass_only_where_they_are_enabled(relay: Client, box: Sandbox) -> None:
    """They are off by default."""
    async with receiving() as receiver:
        _, first = await relay.submit("imagine", PROMPT | {"notifyHook": receiver.url})
        box.newapi.notify_enabled = True
        _, second = await relay.submit("imagine", PROMPT | {"notifyHook": receiver.url})
        told = await receiver.next()

    assert first["code"] == second["code"] == 1
    assert told["id"] == second["result"]


async def test_a_fault_refuses_with_any_code(relay: Client, box: Sandbox) -> None:
    """A status of 200 stands for the submit's own form."""
    box.newapi.fail("POST /mj/submit/imagine", status=200, code="23", times=1)

    refused = {"code": 23, "description": "队列已满，请稍后尝试", "result": None, "properties": {}}
    assert await relay.submit("imagine", PROMPT) == (200, refused)


VALUES: list[object] = [None, 5, [], {}, True, "x" * 10_000]
NAMES = (
    "prompt",
    "base64",
    "base64Array",
    "link",
    "dimensions",
    "taskId",
    "action",
    "index",
    "content",
    "customId",
)


@pytest.mark.parametrize(
    "name", ["imagine", "describe", "blend", "shorten", "change", "simple-change", "action", "modal"]
)
async def test_values_of_any_type_are_answered(relay: Client, box: Sandbox, name: str) -> None:
    """By both servers: accepted, or refused with a sentence, and never an error of the server."""
    box.mj.flavour = "reseller"
    statuses = set()
    async with asking_proxy(box.mj) as mj:
        for value in VALUES:
            body = dict.fromkeys((*NAMES, "maskBase64", "botType"), value)
            statuses |= {(await one.submit(name, body))[0] for one in (relay, mj)}

    assert statuses <= {200, 400}
