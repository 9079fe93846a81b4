"""A subscription that lasts: what an event took is free when the next one comes."""

from __future__ import annotations

import asyncio
import gc
from typing import Any

from engine.cost.calls import Prices
from engine.limits import Limits
from engine.operation import attached
from loaders.course import Update
from loaders.records import TaskStatus
from schema import schema
from tests.canned import Canned, Told, canned_context
from tests.factories import task


async def test_an_event_leaves_nothing_behind() -> None:
    """graphql-core keeps what it collects of a selection: for each event, where the events share that."""
    account, told = Canned(), Told()
    account.watch = told
    graph = attached(schema, Limits(), Prices())
    query = 'subscription { taskUpdated(id: "pixai:1") { taskId task { progress media { id } } } }'
    results: Any = await graph.subscribe(query, context_value=canned_context(account))
    progress = []

    async def events(number: int) -> int:
        """Objects that are there after so many more."""
        for percent in range(number):
            reading = asyncio.ensure_future(anext(results))
            while told.mailbox is None:  # noqa: ASYNC110 - until the subscription has begun
                await asyncio.sleep(0)
            told.mailbox.put("pixai:1", Update(task=task(status=TaskStatus.RUNNING, progress=percent)))
            progress.append((await reading).data["taskUpdated"]["task"]["progress"])
        gc.collect()
        return len(gc.get_objects())

    before = await events(50)
    after = await events(100)
    await results.aclose()

    assert progress == [*range(50), *range(100)]
    assert after - before < 100, "less than one object an event"
    assert told.mailbox is None
