"""Seeds: whatever image-seed answers, the task's own prompt, and one call per task, cached permanently."""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest

from loaders import errors
from loaders.listing import Listing
from loaders.midjourney.proxy.seed import ImageSeed
from loaders.records import Provider, SeedOrigin, SeedRecord
from sandbox import Sandbox
from sandbox.midjourney.edge_cases import TASKS
from tests.loaders.midjourney_served import BATCH, LIST, SEED, Served, later, odd, served

ASKED, PROMPT = SeedOrigin.IMAGE_SEED, SeedOrigin.PROMPT


@pytest.mark.parametrize(
    ("made", "value", "origin"),
    [
        ({"seed": "1234567890"}, 1234567890, ASKED),
        ({"seed": "1320098173", "seeding": "number"}, 1320098173, ASKED),
        ({"seed": "4294967295"}, 4294967295, ASKED),
        (
            {"seed": "123456789012345678901234567890", "seeding": "number"},
            123456789012345678901234567890,
            ASKED,
        ),
        ({"seeding": "task", "seed": "2718281828", "seed_known": True}, 2718281828, SeedOrigin.REPORTED),
        ({"seeding": "task", "in_task": {"seed": 2718281829}}, 2718281829, SeedOrigin.REPORTED),
        ({"seeding": "task", "in_task": {"properties": {"seed": "16180339"}}}, 16180339, ASKED),
        ({"seeding": "task", "final_prompt": "a heron --seed 7", "in_task": {"seed": None}}, 7, PROMPT),
        ({"seeding": "missing", "final_prompt": "a heron --seed 7"}, 7, PROMPT),
        ({"seeding": "failed", "final_prompt": "a heron --seed 7"}, 7, PROMPT),
        ({"seed": "not available"}, None, None),
        ({"seeding": "empty"}, None, None),
        ({"seeding": "missing"}, None, None),
        ({"seeding": "task"}, None, None),
    ],
)
async def test_each_way_of_the_proxy(
    box: Sandbox, made: dict[str, Any], value: int | None, origin: SeedOrigin | None
) -> None:
    """Over the wire; the pictures of the task are the seed's."""
    key = box.mj.world.insert(**{"prompt": "a heron", "final_prompt": "a heron", **made}).id
    async with served(box) as mj:
        task = await mj.task(key)
        found = (await mj.seeds(key))[key]

        assert found == (
            ()
            if value is None or origin is None
            else (
                SeedRecord(
                    id=f"seed:midjourney:{key}",
                    provider=Provider.MIDJOURNEY,
                    value=value,
                    origin=origin,
                    task_key=key,
                    media=task.media,
                ),
            )
        )


@pytest.mark.parametrize("name", ["seed on the task", "FAILURE", "IN_PROGRESS with a preview", "CANCEL"])
async def test_not_asked_where_the_task_tells(box: Sandbox, name: str) -> None:
    """A seed that is known, and a task that has none, need no call."""
    async with served(box) as mj:
        await mj.seeds(TASKS[name])

        assert mj.calls() == {BATCH: 1}


async def test_unknown_is_remembered_and_failures_are_not(box: Sandbox) -> None:
    """A seed that was not found is asked for again later, not at once; one that failed at once."""
    missing, failing = TASKS["seed missing"], TASKS["seed text"]
    async with served(box, newapi=False) as mj:
        assert await mj.seeds(missing) == await mj.seeds(missing) == {missing: ()}
        assert mj.calls()[SEED] == 1

        box.mj.fail(SEED, status=403, times=1)
        first, second = await mj.seeds(failing), await mj.seeds(failing)
        assert isinstance(first[failing], errors.Refused)
        assert isinstance(second[failing], tuple)


async def test_failed_to_look(box: Sandbox) -> None:
    """Code 9 is an error of this task, asked for once a try and never remembered; no pause follows."""
    key = TASKS["seed failed"]
    async with served(box, newapi=False) as mj:
        for _ in range(10):
            error = (await mj.seeds(key))[key]
            assert (type(error), getattr(error, "retryable", None)) == (errors.Fault, True)
        assert mj.calls()[SEED] == 10
        assert isinstance((await mj.seeds(TASKS["seed text"]))[TASKS["seed text"]], tuple)


async def test_unknown_task(box: Sandbox) -> None:
    """A task that is not there has no seeds, and nobody is asked for them."""
    async with served(box, newapi=False) as mj:
        assert await mj.seeds("0000000000000000") == {}
        assert mj.calls() == {BATCH: 1}


async def test_server_without_the_route(box: Sandbox) -> None:
    """The Java server has no image-seed; what its task tells is all that is known."""
    box.mj.flavour = "java"
    chosen, unknown = TASKS["seed in the prompt"], TASKS["seed text"]
    async with served(box, newapi=False) as mj:
        found = await mj.seeds(chosen, unknown)

        assert isinstance(found[chosen], tuple)
        assert [(seed.value, seed.origin) for seed in as_seeds(found[chosen])] == [(20240711, PROMPT)]
        assert found[unknown] == ()


async def test_through_the_relay(box: Sandbox) -> None:
    """new-api with an API key answers the same, re-encoded."""
    key = TASKS["seed text"]
    async with relayed(box) as mj:
        assert [seed.value for seed in as_seeds((await mj.seeds(key))[key])] == [1234567890]


async def test_a_number_through_the_relay(box: Sandbox) -> None:
    """new-api wants text there and gives up: no fault of the request's."""
    key = TASKS["seed number"]
    async with relayed(box) as mj:
        assert type((await mj.seeds(key))[key]) is errors.Fault


async def test_failures_do_not_stop_look_ups(box: Sandbox) -> None:
    """A Discord that does not answer is no reason to leave the tasks alone."""
    keys = ordinary(box)[:12]
    async with served(box, newapi=False) as mj:
        await mj.tasks(*keys)
        box.mj.fail(SEED, status=500)
        found = await mj.seeds(*keys)

        assert {type(found[key]) for key in keys} == {errors.Fault}
        assert mj.account.breaker.retry_after is None
        assert (await mj.task(TASKS["MODAL"])).operation == "INPAINT"


async def test_outlives_its_asker(box: Sandbox) -> None:
    """Who cannot wait gets a TimedOut; the answer is there for the next."""
    key = TASKS["seed slow"]
    async with served(box, newapi=False) as mj:
        first = await mj.seed_answers(key, budget=later(0.05))
        second = await mj.seeds(key)

        assert isinstance(first[key], errors.TimedOut)
        assert [seed.value for seed in as_seeds(second[key])] == [31415926]
        assert mj.calls()[SEED] == 1


async def test_may_be_silent_for_longer_than_other_calls(box: Sandbox) -> None:
    """Discord may be asked for a minute: the request waits until its own deadline, where look-ups give up."""
    key = TASKS["seed text"]
    box.mj.fail("*", latency=0.4)
    async with served(box, newapi=False) as mj:
        answer = (await mj.seed_answers(key, budget=later(silence=0.1)))[key]
        task = (await mj.account.reads.tasks.get([key], later(silence=0.1)))[key]

        assert answer == ImageSeed(1234567890)
        assert isinstance(task, errors.TimedOut)


async def test_nobody_needs_to_wait_for_it(box: Sandbox) -> None:
    """What is under way is not dropped when all have left, however long it has been silent."""
    key = TASKS["seed text"]
    box.mj.fail(SEED, latency=0.4)
    async with served(box, newapi=False) as mj:
        asker = asyncio.create_task(mj.seed_answers(key, budget=later(silence=0.1)))
        await asyncio.sleep(0.05)
        asker.cancel()
        await asyncio.sleep(0.15)  # silent for longer than anybody is patient with other calls

        assert await mj.seed_answers(key) == {key: ImageSeed(1234567890)}
        assert mj.calls() == {SEED: 1}


@pytest.mark.parametrize(
    ("status", "body", "wanted"),
    [
        (400, '{"code": 4, "description": "关联任务状态错误"}', errors.Rejected),
        (400, '{"description": "task_no_found ", "type": "upstream_error", "code": 4}', errors.Rejected),
        (
            400,
            '{"description": "unmarshal_response_body_failed ", "type": "upstream_error", "code": 5}',
            errors.Fault,
        ),
        (200, '{"code": 3, "description": "未找到 seed", "result": null}', None),
        (404, '{"code": 3, "description": "关联任务不存在或已失效"}', None),
        (404, "", None),
        (400, '{"code": 3}', None),
        (204, "", None),
        (200, "", None),
        (200, '{"code": 23}', errors.Throttled),
        (200, '{"code": 24}', errors.Rejected),
        (200, "[]", errors.Malformed),
        (401, "未登录", errors.Refused),
        (503, "", errors.Fault),
    ],
)
async def test_answers_of_image_seed(
    box: Sandbox, status: int, body: str, wanted: type[Exception] | None
) -> None:
    """A 4xx with a code is an error of this field; an unknown task or route only means not known."""
    key = TASKS["seed text"]
    async with odd(status=status, body=body) as server, served(box, newapi=False, mj_url=server.origin) as mj:
        answer = (await mj.seed_answers(key))[key]

        if wanted is None:
            assert answer == ImageSeed()
        else:
            assert type(answer) is wanted


async def test_seed_of_a_listed_task(box: Sandbox) -> None:
    """A row has no seed; the proxy's task may have one, and image-seed has it otherwise."""
    async with served(box) as mj:
        walk = mj.walk(Listing(size=50))
        rows = (await anext(walk)).rows
        listed = next(row for row in rows if row.seeds is None)
        await mj.seeds(listed.key)

        assert mj.calls() == {LIST: 1, BATCH: 1, SEED: 1}


def relayed(box: Sandbox) -> AbstractAsyncContextManager[Served]:
    """new-api's relay in midjourney-proxy's stead, with an API key."""
    secrets = {"mj_key": box.newapi.relay_key}
    return served(box, newapi=False, auth="bearer", secrets=secrets, mj_url=box.newapi.url)


def ordinary(box: Sandbox) -> list[str]:
    """Tasks whose seed has to be asked for, and is told."""
    known = [task for task in box.mj.world if task.proxied and task.status == "SUCCESS"]
    return [
        task.id
        for task in known
        if task.seeding == "text" and not task.seed_known and "--seed" not in task.prompt
    ]


def as_seeds(found: object) -> tuple[SeedRecord, ...]:
    assert isinstance(found, tuple)
    return found
