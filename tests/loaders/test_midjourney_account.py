"""Look-ups over the wire: either server alone, both together, and every way of failing.

What every source promises of its look-ups stands in test_loaders_contract.
"""

from __future__ import annotations

from typing import Any

import pytest

from loaders import errors
from loaders.records import Capability, MediaRecord, MediaVariant, TaskStatus
from sandbox import Sandbox
from sandbox.midjourney.edge_cases import ODD_ID, TASKS
from tests.loaders.midjourney_served import BATCH, LIST, PIG, SEED, SINGLES, UNKNOWN, own_ids, served

WRITES = ("CREATE", "RERUN", "ACT", "CANCEL")


@pytest.mark.parametrize("flavour", ["csharp", "java", "reseller"])
async def test_twenty_tasks_one_call(box: Sandbox, flavour: Any) -> None:
    """In whatever order the server has them."""
    box.mj.flavour = flavour
    wanted = own_ids(box, 20)
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
        (True, True, {"GET_TASKS_BATCH", "LIST_TASKS", "GET_SEED", *WRITES}),
        (True, False, {"LIST_TASKS"}),
        (False, True, {"GET_TASKS_BATCH", "GET_SEED", *WRITES}),
    ],
)
async def test_capabilities(box: Sandbox, newapi: bool, proxy: bool, capabilities: set[str]) -> None:
    """Each server brings its own."""
    async with served(box, newapi=newapi, proxy=proxy) as mj:
        always = {Capability.GET_TASK, Capability.GET_MEDIA, Capability.WATCH}
        assert mj.account.capabilities == always | {Capability(name) for name in capabilities}
        assert (mj.account.lists is not None) is newapi


async def test_without_a_token_there_is_no_list(box: Sandbox) -> None:
    """Credentials for the proxy alone leave new-api out."""
    async with served(box, secrets={"newapi_token": ""}) as mj:
        assert mj.account.lists is None
        assert (await mj.task(PIG)).key == PIG


async def test_new_api_alone(box: Sandbox) -> None:
    """What the token's user does not have is absent."""
    wanted = own_ids(box, 5)
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
