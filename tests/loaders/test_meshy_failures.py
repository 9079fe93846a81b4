"""Ways that Meshy fails, and the error that each is, over HTTP."""

from __future__ import annotations

import pytest

from loaders.errors import (
    Fault,
    Malformed,
    OutOfCredit,
    Refused,
    Rejected,
    SourceError,
    Throttled,
    TimedOut,
    Unreachable,
)
from loaders.records import TaskRecord
from sandbox import Sandbox
from sandbox.faults import FaultFields
from sandbox.meshy.edge_cases import TASKS
from sandbox.meshy.vendor_examples import TASK
from tests.loaders.meshy_served import KEY, ONE, Served, served

FAULTS: list[tuple[FaultFields, type[SourceError], int]] = [
    ({"status": 400}, Rejected, 1),
    ({"status": 401}, Refused, 1),
    ({"status": 402}, OutOfCredit, 1),
    ({"status": 403}, Refused, 1),
    ({"status": 422}, Rejected, 1),
    ({"status": 429}, Throttled, 3),
    ({"status": 429, "retry_after": 1}, Throttled, 3),
    ({"status": 429, "retry_after": 3600}, Throttled, 1),
    ({"status": 500}, Fault, 3),
    ({"status": 503}, Fault, 3),
    ({"status": 204}, Malformed, 3),
    ({"status": 302}, Malformed, 3),
    ({"reset": True}, Unreachable, 3),
    ({"truncated": True}, Malformed, 3),
    ({"html": True}, Malformed, 3),
    ({"html": True, "status": 502}, Fault, 3),
    ({"not_json": True}, Malformed, 3),
]


@pytest.mark.parametrize(("fault", "kind", "calls"), FAULTS, ids=str)
async def test_each_fault_is_its_error_and_says_nothing_of_the_key(
    meshy: Served, fault: FaultFields, kind: type[SourceError], calls: int
) -> None:
    """Reads are tried again where that may help; other keys are whole."""
    hits_one: FaultFields = {**fault, "match": TASK}
    meshy.upstream.fail(ONE, **hits_one)
    other = f"image-to-image:{TASKS['running']}"

    found = await meshy.tasks(KEY, other)

    error = found[KEY]
    assert type(error) is kind
    assert isinstance(found[other], TaskRecord)
    assert meshy.client.calls == calls + 1  # aiohttp itself repeats a GET once on a connection that broke
    assert meshy.upstream.key not in f"{error} {error!r} {error.__dict__}"


@pytest.mark.parametrize(("fault", "kind", "calls"), FAULTS, ids=str)
async def test_each_fault_of_a_list_is_its_error(
    meshy: Served, fault: FaultFields, kind: type[SourceError], calls: int
) -> None:
    """The same for the other route."""
    meshy.upstream.fail("GET /openapi/v1/image-to-image", **fault)

    with pytest.raises(kind):
        await meshy.first_page()

    assert meshy.client.calls == calls


async def test_a_missing_list_is_rejected(meshy: Served) -> None:
    """404 is absence for a task only."""
    meshy.upstream.fail("GET /openapi/v1/image-to-image", status=404)

    with pytest.raises(Rejected):
        await meshy.first_page()


async def test_a_wrong_key_is_refused(box: Sandbox) -> None:
    """Once: another try cannot help."""
    async with served(box.meshy, key="wrong") as meshy:
        found = await meshy.tasks(KEY)

    assert isinstance(found[KEY], Refused)
    assert box.meshy.requests == {ONE: 1}


async def test_a_slow_answer_is_a_timeout(box: Sandbox) -> None:
    """All tries together have the seconds of the account."""
    box.meshy.fail(ONE, latency=30)

    async with served(box.meshy, seconds=0.05) as meshy:
        found = await meshy.tasks(KEY)

    assert isinstance(found[KEY], TimedOut)


async def test_nobody_there(box: Sandbox) -> None:
    """A port where nothing listens."""
    async with served(box.meshy) as meshy:
        meshy.client.origin = "http://127.0.0.1:9"
        found = await meshy.tasks(KEY)

    assert isinstance(found[KEY], Unreachable)


async def test_a_fault_that_passes_is_not_seen(meshy: Served) -> None:
    """The third try finds the task."""
    meshy.upstream.fail(ONE, status=503, times=2)

    assert (await meshy.task(TASK)).provider_id == TASK
    assert meshy.upstream.requests == {ONE: 3}
