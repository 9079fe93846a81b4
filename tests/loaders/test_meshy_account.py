"""Reading Meshy's tasks and media over HTTP: what is found, what is absent, and why not."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from loaders.coerce import mapping
from loaders.credentials import Credential
from loaders.errors import (
    InvalidId,
    Malformed,
    OutOfCredit,
)
from loaders.meshy import normalise
from loaders.meshy.account import MeshyAccount
from loaders.meshy.client import MeshyClient
from loaders.pace import Pace
from loaders.records import Capability, MediaRecord, TaskRecord
from sandbox import Sandbox
from sandbox.meshy.edge_cases import TASKS
from sandbox.meshy.vendor_examples import TASK
from tests.loaders.meshy_served import KEY, ONE, TEXT_KEY, Served, served


async def test_tasks_one_a_call_each_once(meshy: Served) -> None:
    """Duplicates are asked for once, absent keys are absent, what is known is not asked again."""
    keys = [f"image-to-image:{TASKS[name]}" for name in ("running", "canceled", "name")]

    found = await meshy.tasks(KEY, *keys, KEY, "image-to-image:nobody", TEXT_KEY)
    again = await meshy.tasks(KEY)

    assert found.keys() == {KEY, *keys, TEXT_KEY}
    assert all(isinstance(task, TaskRecord) and task.key == key for key, task in found.items())
    assert again == {KEY: found[KEY]}
    assert meshy.upstream.requests == {ONE: 5, "GET /openapi/v1/text-to-image/{id}": 1}
    assert meshy.client.calls == 6


async def test_a_task_is_what_the_normaliser_makes_of_the_answer(meshy: Served) -> None:
    """With a media URL that ends when it says."""
    task = await meshy.task(TASK)

    assert task == normalise.task(mapping(task.raw), KEY)
    (url,) = [url for one in task.media if one.details for url in one.details.urls]
    assert url.expires_at is not None
    assert url.expires_at > datetime.now(UTC)


@pytest.mark.parametrize("name", TASKS)
async def test_every_awkward_task_can_be_read(meshy: Served, name: str) -> None:
    """Odd ids too; each comes back under the key that was asked for."""
    task = await meshy.task(TASKS[name])

    assert task.provider_id == TASKS[name]
    assert [one.key for one in task.media] == [
        f"image-to-image:{TASKS[name]}:{index}"
        for index, url in enumerate(mapping(task.raw).get("image_urls") or [])
        if url
    ]


async def test_an_id_of_another_resource_is_absent(meshy: Served) -> None:
    """A task lives under exactly one."""
    assert await meshy.tasks(f"text-to-image:{TASK}") == {}


@pytest.mark.parametrize(
    "id",
    [
        f"../image-to-image/{TASK}",
        f"x/../{TASK}",
        f"{TASK}/",
        f"./{TASK}",
        f"..\\{TASK}",
        "..",
        ".",
        "../balance",
        "../../../",
        "/",
        "\udc00",
    ],
)
async def test_an_id_that_no_path_can_carry_is_absent_without_a_call(meshy: Served, id: str) -> None:
    """Dots and empty segments would be resolved on the way."""
    assert await meshy.tasks(f"image-to-image:{id}") == {}
    assert meshy.upstream.requests == {}


@pytest.mark.parametrize(
    "id",
    [
        "..%2Fbalance",
        "%2e%2e",
        f"{TASK}?x=1",
        f"{TASK}#x",
        f"{TASK}%00",
        f'{TASK}"',
        f"{TASK}'",
        f"{TASK}\r\nX-Injected: 1",
        f"{TASK} ",
        "🦊",
        "{id}",
        "a+b",
        "%",
        "x" * 400,
        "...",
        "stream",
        f"{TASK}/stream",
        "a:b:c",
    ],
)
async def test_a_hostile_id_stays_one_segment_of_the_path(meshy: Served, id: str) -> None:
    """One request, to the route for one task, which has none such."""
    assert await meshy.tasks(f"image-to-image:{id}") == {}
    assert meshy.upstream.requests == {ONE: 1}


@pytest.mark.parametrize(
    "key", ["balance:x", "text-to-3d:018a", "../balance:x", "image-to-image:", "", ":", TASK]
)
async def test_a_key_of_no_known_resource_is_invalid_without_a_call(meshy: Served, key: str) -> None:
    """Never a request to a path that came from outside."""
    found = await meshy.tasks(key)

    assert isinstance(found[key], InvalidId)
    assert meshy.upstream.requests == {}


async def test_many_tasks_are_read_a_few_at_a_time(meshy: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight at once: each call waits until eight are under way, and never does a ninth come."""
    eight = asyncio.Barrier(8)
    under_way: list[int] = [0]
    get_task = meshy.client.get_task

    async def counted(resource: str, id: str, credential: Credential) -> Mapping[str, Any] | None:
        under_way.append(under_way[-1] + 1)
        await eight.wait()
        answer = await get_task(resource, id, credential)
        under_way.append(under_way[-1] - 1)
        return answer

    monkeypatch.setattr(meshy.client, "get_task", counted)

    await meshy.tasks(*(f"image-to-image:nobody-{index}" for index in range(24)))

    assert max(under_way) == 8
    assert meshy.upstream.requests == {ONE: 24}


class Counted(Pace):
    """Counts who waited for their turn."""

    turns = 0

    async def turn(self) -> None:
        await super().turn()
        self.turns += 1


async def test_every_request_waits_its_turn(box: Sandbox) -> None:
    """Each try of a task, and each page."""
    pace = Counted(100, 1)
    box.meshy.fail(ONE, status=503, times=2)

    async with served(box.meshy, pace=pace) as meshy:
        await meshy.task(TASK)
        await meshy.first_page()

    assert pace.turns == meshy.client.calls == 4


async def test_each_account_has_a_pace_of_its_own(box: Sandbox) -> None:
    """Meshy counts by account."""
    client = MeshyClient(box.meshy.url)
    first, second = (MeshyAccount(client, Credential({"key": key}), seconds=30) for key in "ab")

    assert first.pace is not second.pace
    assert first.pace.seconds_for(20) > 1


def odd(monkeypatch: pytest.MonkeyPatch, id: str) -> None:
    """A task that the normaliser has no answer to."""
    normalised = normalise.task

    def task(node: Mapping[str, Any], key: str) -> TaskRecord:
        if node["id"] == id:
            raise RuntimeError(f"the prompt is {node['prompt']}")
        return normalised(node, key)

    monkeypatch.setattr(normalise, "task", task)


async def test_a_task_that_cannot_be_read_fails_alone(
    meshy: Served, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Logged once, by its key; asked for once."""
    odd(monkeypatch, TASK)
    other = f"image-to-image:{TASKS['running']}"

    found = await meshy.tasks(KEY, other)

    assert isinstance(found[KEY], Malformed)
    assert isinstance(found[other], TaskRecord)
    assert caplog.messages == [f"Meshy: '{KEY}' cannot be read (RuntimeError)"]
    assert meshy.upstream.requests == {ONE: 2}


async def test_a_row_that_cannot_be_read_is_left_out(
    meshy: Served, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The others of its page are there, and the page was full."""
    rows = (await meshy.first_page()).rows
    odd(monkeypatch, rows[3].provider_id)

    step = await meshy.first_page()

    assert [row.key for row in step.rows] == [row.key for row in (*rows[:3], *rows[4:])]
    assert not step.is_last
    assert caplog.messages == [f"Meshy: '{rows[3].key}' cannot be read (RuntimeError)"]


async def test_media_come_from_their_task(meshy: Served) -> None:
    """Three views and one that is not there: one call; each has a URL that works."""
    views = [f"image-to-image:{TASKS['three views']}:{index}" for index in range(4)]

    found = await meshy.media(*views, f"{KEY}:0", "image-to-image:nobody:0")

    assert list(found) == [*views[:3], f"{KEY}:0"]
    assert all(isinstance(one, MediaRecord) and one.details and one.details.urls for one in found.values())
    assert meshy.upstream.requests == {ONE: 3}


async def test_a_medium_fails_as_its_task_does(meshy: Served) -> None:
    """The same error; other tasks' media are whole."""
    meshy.upstream.fail(ONE, status=402, match=TASK)
    view = f"image-to-image:{TASKS['three views']}:0"

    found = await meshy.media(f"{KEY}:0", view, "balance:x:0")

    assert isinstance(found[f"{KEY}:0"], OutOfCredit)
    assert isinstance(found[view], MediaRecord)
    assert isinstance(found["balance:x:0"], InvalidId)


async def test_what_it_can_do(meshy: Served) -> None:
    """No batch read, no seeds."""
    assert meshy.account.capabilities == {
        *(Capability.GET_TASK, Capability.LIST_TASKS, Capability.GET_MEDIA),
        *(Capability.CREATE, Capability.RERUN, Capability.DELETE, Capability.WATCH),
    }
    assert meshy.account.reads.seeds is None
    assert await meshy.account.image_url(f"{KEY}:0") is None
