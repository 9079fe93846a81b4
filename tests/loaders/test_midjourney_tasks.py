"""Both servers together: what each knows of a task, what lists bring along, and what is remembered."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

import pytest

from loaders.cache import RUNNING
from loaders.listing import Listing
from loaders.midjourney.newapi.client import NewapiClient, RowPage
from loaders.midjourney.tasks import lifetime
from loaders.records import Cost, CostUnit, TaskRecord, TaskStatus
from sandbox import Sandbox
from sandbox.midjourney.edge_cases import TASKS
from tests.loaders.midjourney_served import (
    BATCH,
    LIST,
    ROW_ONLY,
    SEED,
    UNKNOWN,
    at,
    odd,
    own_ids,
    served,
)

T0 = 1_990_000_000_000  # epoch ms; no other task is from then


def keys_of(task: TaskRecord) -> list[str]:
    """Of its pictures."""
    return [picture.key for picture in task.media]


async def test_a_listed_row_keeps_what_only_it_knows(box: Sandbox) -> None:
    """The owner, the channel and the cost of a list's row stay when the proxy tells the rest."""
    task = box.mj.world.insert(quota=70_000, channel=5)
    async with served(box) as mj:
        before = await mj.task(task.id)
        mj.account.reads.tasks.invalidate(task.id)
        await mj.steps(Listing(size=5, since=before.created_at))
        mj.account.reads.tasks.invalidate(task.id)
        after = await mj.task(task.id)

        assert (before.owner_id, before.channel_id, before.cost) == (None, None, None)
        assert (after.owner_id, after.channel_id) == (str(box.newapi.user), "5")
        assert after.cost == Cost(amount=70_000, unit=CostUnit.QUOTA)
        assert after.bot_type == before.bot_type
        assert mj.calls() == {BATCH: 2, LIST: 1}


async def test_a_list_completes_what_is_known(box: Sandbox) -> None:
    """A task that was looked up and then listed has both servers' fields, without a further call."""
    task = box.mj.world.insert()
    async with served(box) as mj:
        created = (await mj.task(task.id)).created_at
        await mj.steps(Listing(size=5, since=created))
        found = await mj.task(task.id)

        assert (found.bot_type is not None, found.owner_id) == (True, str(box.newapi.user))
        assert mj.calls() == {BATCH: 1, LIST: 1}


async def test_a_list_that_lags_behind(box: Sandbox) -> None:
    """new-api looks every 15 seconds: a task that has finished does not run again because of its row."""
    task = box.mj.world.insert(in_row={"status": "IN_PROGRESS", "progress": "40%"})
    async with served(box) as mj:
        created = (await mj.task(task.id)).created_at
        (step,) = await mj.steps(Listing(size=5, since=created))

        assert step.rows[0].status is TaskStatus.RUNNING
        assert (await mj.task(task.id)).status is TaskStatus.SUCCEEDED


@pytest.mark.parametrize("name", ["imageUrls", "FAILURE", "CANCEL", "seed on the task", "video_urls objects"])
async def test_a_lookup_after_a_list(box: Sandbox, name: str) -> None:
    """A row has the grid alone, and no bot: the proxy is asked after all, and says what it always says."""
    key = TASKS[name]
    async with served(box) as mj:
        before = await mj.task(key)
    async with served(box) as mj:
        (step,) = await mj.steps(Listing(size=5, before=before.created_at, since=before.created_at))
        (row,) = step.rows
        after = await mj.task(key)
        pictures = await mj.media(*(picture.key for picture in before.media), f"{key}:7")

        assert list(pictures) == [picture.key for picture in after.media] == keys_of(before)
        assert (after.bot_type, after.seeds is None) == (before.bot_type, before.seeds is None)
        assert (after.owner_id, row.bot_type) == (row.owner_id, None)
        assert mj.calls() == {LIST: 1, BATCH: 2}
    if name == "imageUrls":
        assert (len(row.media), len(after.media)) == (1, 5)


async def test_a_row_that_has_moved_on(box: Sandbox) -> None:
    """A list that shows a later state than what is remembered of the proxy: the proxy is asked again."""
    task = box.mj.world.insert(in_task={"status": "IN_PROGRESS"})
    async with served(box) as mj:
        running = await mj.task(task.id)
        box.mj.world.replace(replace(task, in_task={}))
        await mj.steps(Listing(size=5, since=running.created_at))

        assert (running.status, (await mj.task(task.id)).status) == (
            TaskStatus.RUNNING,
            TaskStatus.SUCCEEDED,
        )


async def test_listed_but_not_at_the_proxy(box: Sandbox) -> None:
    """What a list has just shown is known, though the proxy has forgotten it; no call looks for its row."""
    submit = next(task.submit for task in box.mj.world if task.id == ROW_ONLY)
    async with served(box) as mj:
        await mj.steps(Listing(size=5, before=at(submit), since=at(submit)))

        assert (await mj.task(ROW_ONLY)).key == ROW_ONLY
        assert mj.calls() == {LIST: 1, BATCH: 1}


async def test_only_new_api_still_knows(box: Sandbox) -> None:
    """The proxy forgets old tasks: they, their pictures and their prompts' seeds are found by their rows."""
    async with served(box) as mj:
        found = await mj.task(ROW_ONLY)
        pictures = await mj.media(f"{ROW_ONLY}:0", f"{ROW_ONLY}:9")
        seeds = await mj.seeds(ROW_ONLY)

        assert (found.owner_id, list(pictures)) == (str(box.newapi.user), [f"{ROW_ONLY}:0"])
        assert seeds[ROW_ONLY] == ()
        assert mj.calls() == {BATCH: 1, LIST: 1, SEED: 1}


async def test_two_rows_of_one_task(box: Sandbox) -> None:
    """A task that was submitted twice has two rows: the newer one tells, listed or looked up."""
    older = box.mj.world.insert(T0, quota=10, proxied=False)
    newer = box.mj.world.insert(T0 + 9_000, id=older.id, quota=20, proxied=False)
    cost = Cost(amount=20, unit=CostUnit.QUOTA)
    for proxy in (True, False):
        async with served(box, proxy=proxy) as mj:
            looked_up = await mj.task(older.id)
            assert (looked_up.cost, looked_up.created_at) == (cost, at(newer.submit))

        async with served(box, proxy=proxy) as mj:
            (step,) = await mj.steps(Listing(size=5, since=at(older.submit), before=at(newer.submit)))
            assert [row.key for row in step.rows] == [older.id, older.id]
            assert await mj.task(older.id) == step.rows[0] == looked_up

        async with served(box, proxy=proxy) as mj:  # the older row may come later, too
            await mj.task(older.id)
            await mj.steps(Listing(size=5, since=at(older.submit), before=at(older.submit)))
            assert await mj.task(older.id) == looked_up


@pytest.mark.parametrize("is_reversed", [False, True])
async def test_two_objects_of_one_task(box: Sandbox, is_reversed: bool) -> None:
    """The relay has a row for the button of a window and one for its confirmation, which it follows."""
    objects: list[dict[str, object]] = [
        {"id": "7", "status": "MODAL", "submitTime": T0},
        {"id": "7", "status": "SUCCESS", "submitTime": T0 + 9_000},
        {"id": "8", "status": "SUCCESS"},
    ]
    body = json.dumps(objects[::-1] if is_reversed else objects)
    async with odd(body=body) as server, served(box, newapi=False, mj_url=server.origin) as mj:
        assert [(await mj.task(key)).status for key in ("7", "8")] == [TaskStatus.SUCCEEDED] * 2


async def test_a_running_row_is_asked_for_again(box: Sandbox) -> None:
    """What only new-api knows goes on, too: its row is remembered for a second at most."""
    task = box.mj.world.insert(proxied=False, status="IN_PROGRESS", progress="40%")
    async with served(box) as mj:
        assert (await mj.task(task.id)).status is TaskStatus.RUNNING
        box.mj.world.finish(task.id)
        mj.account.reads.tasks.invalidate(task.id)

        assert (await mj.task(task.id)).status is TaskStatus.SUCCEEDED


async def test_unknown_at_both_servers(box: Sandbox) -> None:
    """Absence is remembered for a while: each page of a list by sixty such ids asks nobody anew."""
    unknown = [f"{number:016}" for number in range(60)]
    async with served(box) as mj:
        assert await mj.tasks(*unknown) == await mj.tasks(*unknown) == {}
        assert await mj.media(f"{UNKNOWN}:0") == {}
        assert mj.calls() == {BATCH: 2, LIST: 60}


async def test_known_after_all(box: Sandbox) -> None:
    """What a list has shown is there, whatever was remembered of it; so is what is asked for anew."""
    async with served(box) as mj:
        assert await mj.tasks(UNKNOWN) == {}
        task = box.mj.world.insert(id=UNKNOWN, proxied=False)
        await mj.steps(Listing(size=5, since=at(task.submit)))
        assert (await mj.task(UNKNOWN)).key == UNKNOWN

        box.mj.world.delete(UNKNOWN)
        mj.account.reads.tasks.invalidate(UNKNOWN)
        assert await mj.tasks(UNKNOWN) == {}
        box.mj.world.insert(id=UNKNOWN)
        mj.account.reads.tasks.invalidate(UNKNOWN)
        assert (await mj.task(UNKNOWN)).key == UNKNOWN


async def test_rows_of_a_list_by_id_are_kept(box: Sandbox) -> None:
    """From page to page: found tasks, and those that only new-api knows, are not asked for again."""
    wanted = [*own_ids(box, 10), ROW_ONLY]
    async with served(box) as mj:
        first = await mj.tasks(*wanted)

        assert await mj.tasks(*wanted) == first
        assert mj.calls() == {BATCH: 1, LIST: 1}


async def test_a_row_is_not_kept_for_whole_answers(box: Sandbox) -> None:
    """The proxy may know the task soon, and is asked again before the row is over."""
    (known,) = own_ids(box, 1)
    async with served(box) as mj:
        found = await mj.tasks(known, ROW_ONLY)
        kept = {key: mj.account.reads.tasks.kept(key) for key in found}
        picture = mj.account.reads.media.kept(f"{known}:0")

    assert {key: one is not None and one.value is found[key] for key, one in kept.items()} == {
        known: True,
        ROW_ONLY: False,
    }
    assert picture is not None
    assert picture.value.key == f"{known}:0"
    assert mj.account.reads.media.kept(f"{known}:99") is None


async def test_few_at_once_at_new_api(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many the proxy does not know: eight at a time."""
    now, most = 0, 0

    async def slow(*_: object) -> RowPage:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await asyncio.sleep(0.005)
        now -= 1
        return RowPage(items=())

    monkeypatch.setattr(NewapiClient, "list", slow)
    async with served(box) as mj:
        assert await mj.tasks(*map(str, range(40))) == {}
        assert most == 8


async def test_a_task_that_waits_for_a_person(box: Sandbox) -> None:
    """It is terminal for pollers, and yet not remembered as finished tasks are: somebody may press."""
    async with served(box) as mj:
        found = await mj.task(TASKS["MODAL"])

        assert (found.status, found.is_terminal) == (TaskStatus.ACTION_REQUIRED, True)
        assert lifetime(found, 0.0) == RUNNING
