"""Every way in which either of Midjourney's servers fails, and what becomes of the other."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from loaders import errors
from loaders.listing import Listing
from loaders.midjourney.newapi.client import Declined
from loaders.records import Capability
from sandbox import Sandbox
from tests.loaders.midjourney_served import ALL, BATCH, LIST, PIG, ROW_ONLY, at, served


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
    seconds = 0.3 if "latency" in fault else 30.0
    async with served(box, newapi=route == LIST, proxy=route == BATCH, seconds=seconds) as mj:
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


async def test_errors_tell_no_secret(box: Sandbox) -> None:
    """Neither keys nor URLs."""
    box.mj.fail(BATCH, status=500)
    async with served(box) as mj:
        error = (await mj.tasks(PIG))[PIG]

        assert str(error) == "Midjourney failed (HTTP 500)"
        assert box.mj.key not in repr(error) + repr(vars(mj.account))
