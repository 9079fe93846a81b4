"""A caller with thousands of keys beside one with a few, at Meshy's documented pace."""

from __future__ import annotations

import asyncio

from loaders.budget import Budget
from loaders.errors import Throttled, TimedOut
from loaders.meshy.account import allowed_pace
from loaders.records import TaskRecord
from sandbox import Sandbox
from tests.loaders.contract import MESHY_TASKS
from tests.loaders.meshy_served import served


async def test_2000_unknown_ids_of_one_caller_and_20_known_ones_of_another(box: Sandbox) -> None:
    """The twenty are answered before a forty-fifth request is made: in under three seconds at 20 a second.

    Of the two thousand, those that no pace can bring in time are refused at once, with the time to wait.
    """
    known = [f"image-to-image:{key}" for key in MESHY_TASKS[:20]]
    unknown = [f"image-to-image:nobody-{number}" for number in range(2000)]
    pace = allowed_pace()
    async with served(box.meshy, pace=pace) as meshy:
        reads = meshy.account.reads.tasks
        many = asyncio.create_task(reads.get(unknown, Budget.starting_now(4)))
        await asyncio.sleep(0)

        found = await reads.get(known, Budget.starting_now(30))

        asked = meshy.client.calls
        refused = await many

    assert list(found) == known
    assert all(isinstance(task, TaskRecord) for task in found.values())
    assert asked <= 45
    assert pace.seconds_for(45) < 3
    throttled = [error for error in refused.values() if isinstance(error, Throttled)]
    assert len(throttled) >= 2000 - 20 * 4
    assert {90 < (error.retry_after or 0) < 120 for error in throttled} == {True}
    assert {type(error) for error in refused.values()} <= {Throttled, TimedOut}
