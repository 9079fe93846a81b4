"""Look-ups over the wire: either server alone, both together, and every way of failing.

What every source promises of its look-ups stands in test_loaders_contract.
"""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from loaders import errors
from loaders.cache import RUNNING
from loaders.listing import Listing
from loaders.midjourney import tasks as midjourney_tasks
from loaders.midjourney.newapi.client import Declined, NewapiClient, RowPage
from loaders.midjourney.tasks import lifetime
from loaders.records import Capability, Cost, CostUnit, MediaRecord, MediaVariant, TaskStatus
from sandbox import Sandbox
from sandbox.midjourney.edge_cases import ODD_ID, TASKS
from tests.loaders.midjourney_served import ALL, BATCH, LIST, SEED, at, served

PIG = "1730621826053455"
SINGLES = TASKS["imageUrls"]
ROW_ONLY = TASKS["row only"]
UNKNOWN = "0000000000000000"
T0 = 1_990_000_000_000  # epoch ms; no other task is from then


def ids(box: Sandbox, count: int) -> list[str]:
    """Ordinary tasks of this user that both servers know."""
    own = [task.id for task in box.mj.world if task.proxied and task.listed and task.user == box.newapi.user]
    return [key for key in own if key][:count]


@pytest.mark.parametrize("flavour", ["csharp", "java", "reseller"])
async def test_twenty_tasks_one_call(box: Sandbox, flavour: Any) -> None:
    """In whatever order the server has them."""
    box.mj.flavour = flavour
    wanted = ids(box, 20)
    async with served(box) as mj:
        found = await mj.tasks(*wanted)

        assert {key: getattr(task, "key", task) for key, task in found.items()} == dict(
            zip(wanted, wanted, strict=True)
        )
        assert mj.calls() == {BATCH: 1}


async def test_a_single_object_is_a_list_of_one(box: Sandbox) -> None:
    """One reseller answers one task as itself."""
    box.mj.single_object = True
    async with served(box) as mj:
        assert (await mj.task(PIG)).prompt == "pig --v 6.1"
        assert await mj.tasks("0000000000000000") == {}


@pytest.mark.parametrize("auth", ["bearer", "authorization-raw", "mj-api-secret"])
async def test_ways_of_sending_the_key(box: Sandbox, auth: Any) -> None:
    """Each server wants one; another is refused."""
    box.mj.auth = auth
    async with served(box) as mj:
        assert (await mj.task(PIG)).key == PIG
    async with served(box, auth="mj-api-secret" if auth == "bearer" else "bearer") as mj:
        assert isinstance((await mj.tasks(PIG))[PIG], errors.Refused)


async def test_no_key(box: Sandbox) -> None:
    """An open server is asked without one; this one is not open."""
    async with served(box, newapi=False, secrets={"mj_key": ""}) as mj:
        assert isinstance((await mj.tasks(PIG))[PIG], errors.Refused)


@pytest.mark.parametrize(
    ("newapi", "proxy", "capabilities"),
    [
        (True, True, {"GET_TASKS_BATCH", "LIST_TASKS", "LIST_ALL_TASKS", "GET_SEED"}),
        (True, False, {"LIST_TASKS", "LIST_ALL_TASKS"}),
        (False, True, {"GET_TASKS_BATCH", "GET_SEED"}),
    ],
)
async def test_capabilities(box: Sandbox, newapi: bool, proxy: bool, capabilities: set[str]) -> None:
    """Each server brings its own."""
    async with served(box, newapi=newapi, proxy=proxy) as mj:
        always = {Capability.GET_TASK, Capability.GET_MEDIA}
        assert mj.account.capabilities == always | {Capability(name) for name in capabilities}
        assert (mj.account.lists is not None) is newapi


async def test_without_a_token_there_is_no_list(box: Sandbox) -> None:
    """Credentials for the proxy alone leave new-api out."""
    async with served(box, secrets={"newapi_token": ""}) as mj:
        assert mj.account.lists is None
        assert (await mj.task(PIG)).key == PIG


async def test_new_api_alone(box: Sandbox) -> None:
    """What the token's user does not have is absent."""
    wanted = ids(box, 5)
    async with served(box, proxy=False) as mj:
        found = await mj.tasks(*wanted, TASKS["another user's"])

        assert list(found) == wanted
        assert mj.calls() == {LIST: 6}


async def test_new_api_alone_legacy(box: Sandbox) -> None:
    """A legacy build counts pages from 0: the first answer shows it, and is asked for again."""
    box.newapi.mode = "legacy"
    async with served(box, proxy=False) as mj:
        assert (await mj.task(PIG)).key == PIG
        assert (await mj.task(TASKS["MODAL"])).status is TaskStatus.ACTION_REQUIRED
        assert mj.calls() == {LIST: 3}


async def test_submits_that_were_not_accepted(box: Sandbox) -> None:
    """They have a row and no id: found by their time, at new-api alone."""
    refused = [task for task in box.mj.world if not task.id and task.user == box.newapi.user]
    keys = [f"row:{task.submit}:{task.row}" for task in refused]
    async with served(box) as mj:
        found = await mj.tasks(*keys, PIG)
        assert [getattr(found[key], "provider_id", found[key]) for key in keys] == [
            str(task.row) for task in refused
        ]
        assert found.keys() == {*keys, PIG}
        assert await mj.tasks(f"row:{refused[0].submit}:1", f"row:1:{refused[0].row}") == {}
    async with served(box, newapi=False) as mj:
        assert await mj.tasks(*keys) == {}
        assert mj.calls()[BATCH] == 1  # of above


async def test_keys_that_no_row_can_have(box: Sandbox) -> None:
    """Absent, and no call looks for most of them."""
    keys = ("row:", "row:1:", "row:abc:1", "row:9" * 90, "row:1:1:1")
    async with served(box, proxy=False) as mj:
        assert await mj.tasks(*keys) == {}
        assert mj.calls() == {}
        assert await mj.tasks("row:999999999999999999:1", "row:0:1") == {}


async def test_odd_id(box: Sandbox) -> None:
    """An id with every delimiter in it is an id."""
    for proxy in (True, False):
        async with served(box, proxy=proxy) as mj:
            assert (await mj.task(ODD_ID)).provider_id == ODD_ID


async def test_odd_id_in_a_path(box: Sandbox) -> None:
    """It travels percent-encoded."""
    async with served(box) as mj:
        assert isinstance((await mj.seeds(ODD_ID))[ODD_ID], tuple)
        assert mj.calls() == {BATCH: 1, SEED: 1}


async def test_media_through_their_tasks(box: Sandbox) -> None:
    """All pictures of a task are one look-up; one that the task does not have is absent."""
    video = TASKS["video_urls objects"]
    keys = [f"{SINGLES}:{index}" for index in range(5)] + [f"{video}:v0"]
    async with served(box) as mj:
        found = await mj.media(*keys, f"{SINGLES}:9", f"{UNKNOWN}:0", "no index")

        assert list(found) == keys
        assert mj.calls() == {BATCH: 1, LIST: 1}  # for the unknown one
        poster = found[f"{video}:v0"]
        assert isinstance(poster, MediaRecord)
        assert poster.details is not None
        assert [url.variant for url in poster.details.urls] == list(MediaVariant)


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


async def test_single_pictures_of_a_listed_task(box: Sandbox) -> None:
    """A row shows the grid alone; for a single picture the proxy is asked after all."""
    async with served(box) as mj:
        at = (await mj.task(SINGLES)).created_at
        mj.account.reads.tasks.invalidate(SINGLES)
        (step,) = await mj.steps(Listing(size=5, before=at, since=at))
        found = await mj.media(f"{SINGLES}:0", f"{SINGLES}:3", f"{SINGLES}:7")

        assert [picture.key for picture in step.rows[0].media] == [f"{SINGLES}:0"]
        assert list(found) == [f"{SINGLES}:0", f"{SINGLES}:3"]
        assert mj.calls() == {BATCH: 2, LIST: 1}


async def test_listed_but_not_at_the_proxy(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a list has just shown is known, though the proxy has forgotten it; no call looks for its row."""
    monkeypatch.setattr(midjourney_tasks, "ROW_KEPT", 0.0)  # so that the proxy is asked at once
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
    wanted = [*ids(box, 10), ROW_ONLY]
    async with served(box) as mj:
        first = await mj.tasks(*wanted)

        assert await mj.tasks(*wanted) == first
        assert mj.calls() == {BATCH: 1, LIST: 1}


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


@pytest.mark.parametrize(
    ("fault", "wanted"),
    [({"status": 403}, errors.Refused), ({"status": 500}, errors.Fault), ({"latency": 5}, errors.TimedOut)],
)
async def test_new_api_fails_beside_the_proxy(
    box: Sandbox, fault: dict[str, Any], wanted: type[Exception]
) -> None:
    """Absence would be a guess where it cannot say; what the proxy has answered stays an answer."""
    box.newapi.fail("*", **fault)
    async with served(box, seconds=0.3) as mj:
        found = await mj.tasks(PIG, ROW_ONLY)

        assert getattr(found[PIG], "key", found[PIG]) == PIG
        assert type(found[ROW_ONLY]) is wanted
        box.newapi.heal()
        assert (await mj.task(ROW_ONLY)).key == ROW_ONLY


async def test_nobody_waits_for_another_ones_row(box: Sandbox) -> None:
    """A slow new-api keeps only those waiting whose tasks it has."""
    box.newapi.fail("*", latency=0.3)
    async with served(box) as mj:
        both = asyncio.create_task(mj.tasks(PIG, ROW_ONLY))
        clock = asyncio.get_running_loop().time
        started = clock()
        assert (await mj.task(PIG)).key == PIG

        assert clock() - started < 0.25
        assert set(await both) == {PIG, ROW_ONLY}


async def test_the_proxy_fails_beside_new_api(box: Sandbox) -> None:
    """Its error stands: a row knows less, and the key may be unknown to new-api."""
    box.mj.fail(BATCH, status=403)
    async with served(box) as mj:
        assert type((await mj.tasks(PIG))[PIG]) is errors.Refused
        assert mj.calls() == {BATCH: 1}


async def test_everybodys_list_is_refused_apart(box: Sandbox) -> None:
    """A token that is no admin's is told so, once a try, and its own list and look-ups go on."""
    async with served(box, proxy=False) as mj:
        assert Capability.LIST_ALL_TASKS in mj.account.capabilities
        for _ in range(12):
            with pytest.raises(errors.Refused):
                await mj.steps(Listing(size=5, all_owners=True))
        assert mj.calls() == {ALL: 12}
        assert Capability.LIST_ALL_TASKS not in mj.account.capabilities

        assert (await mj.task(PIG)).key == PIG
        box.newapi.fail(ALL, status=500)
        for _ in range(4):
            with pytest.raises(errors.Fault):
                await mj.steps(Listing(size=5, all_owners=True))
        assert len(await mj.steps(Listing(size=5, since=at(0)))) > 0
        assert mj.account.breaker.retry_after is None


async def test_a_business_refusal_is_an_answer(box: Sandbox) -> None:
    """HTTP 200 with success: false: not tried again, and no reason to leave the server alone."""
    async with served(box, proxy=False, secrets={"newapi_token": "wrong"}) as mj:
        for _ in range(12):
            found = await mj.tasks(PIG)
            assert (type(found[PIG]), getattr(found[PIG], "code", None)) == (
                Declined,
                errors.ErrorCode.UPSTREAM_FAULT,
            )
        assert mj.calls() == {LIST: 12}
        assert mj.account.breaker.retry_after is None


@pytest.mark.parametrize(
    ("fault", "wanted"),
    [
        ({"status": 400}, errors.Rejected),
        ({"status": 401}, errors.Refused),
        ({"status": 402}, errors.OutOfCredit),
        ({"status": 403}, errors.Refused),
        ({"status": 404}, errors.Rejected),
        ({"status": 429}, errors.Throttled),
        ({"status": 500}, errors.Fault),
        ({"status": 503}, errors.Fault),
        ({"status": 302}, errors.Malformed),
        ({"reset": True}, errors.Unreachable),
        ({"truncated": True}, errors.Malformed),
        ({"html": True}, errors.Malformed),
        ({"html": True, "status": 502}, errors.Fault),
        ({"not_json": True}, errors.Malformed),
        ({"latency": 5}, errors.TimedOut),
    ],
)
@pytest.mark.parametrize("route", [BATCH, LIST])
async def test_each_fault(box: Sandbox, route: str, fault: dict[str, Any], wanted: type[Exception]) -> None:
    """What goes wrong is named, for look-ups at either server and for lists, and never remembered."""
    (box.mj if route == BATCH else box.newapi).fail(route, **fault)
    async with served(box, newapi=route == LIST, proxy=route == BATCH, seconds=0.5) as mj:
        found = await mj.tasks(PIG)

        assert {key: type(error) for key, error in found.items()} == {PIG: wanted}
        if route == LIST:
            with pytest.raises(wanted):
                await mj.steps(Listing(size=5))
        box.mj.heal()
        box.newapi.heal()
        assert (await mj.task(PIG)).key == PIG


async def test_reads_are_tried_again(box: Sandbox) -> None:
    """One failure is not told to anybody."""
    box.mj.fail(BATCH, status=503, times=1)
    async with served(box) as mj:
        assert (await mj.task(PIG)).key == PIG
        assert mj.calls() == {BATCH: 2}


async def test_one_server_down(box: Sandbox) -> None:
    """The other goes on, however often the first fails."""
    box.newapi.fail("*", status=500)
    async with served(box) as mj:
        for _ in range(4):
            with pytest.raises(errors.Fault):
                await mj.steps(Listing(size=5))
        assert (await mj.task(PIG)).key == PIG
        assert mj.account.breaker.retry_after is None


async def test_a_task_that_waits_for_a_person(box: Sandbox) -> None:
    """It is terminal for pollers, and yet not remembered as finished tasks are: somebody may press."""
    async with served(box) as mj:
        found = await mj.task(TASKS["MODAL"])

        assert (found.status, found.is_terminal) == (TaskStatus.ACTION_REQUIRED, True)
        assert lifetime(found, 0.0) == RUNNING


async def test_errors_tell_no_secret(box: Sandbox) -> None:
    """Neither keys nor URLs."""
    box.mj.fail(BATCH, status=500)
    async with served(box) as mj:
        error = (await mj.tasks(PIG))[PIG]

        assert str(error) == "Midjourney failed (HTTP 500)"
        assert box.mj.key not in repr(error) + repr(vars(mj.account))
