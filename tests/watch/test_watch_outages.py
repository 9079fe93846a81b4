"""The connection to a source breaks, at each stage of a stream: no end is lost, and none comes twice."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from sandbox import Clock, Sandbox
from sandbox.meshy.world import MOVING as MESHY
from sandbox.midjourney.world import MOVING as MIDJOURNEY
from sandbox.pixai.world import MOVING as PIXAI
from sandbox.upstream import Upstream
from server.settings import Settings
from tests.conftest import serving
from tests.watch.watching import BUSY, STILL, Payloads, assert_forwards, courses, events, rest, until, update

TASKS = {
    "pixai": (f"task:pixai:{list(PIXAI)[1]}", f"task:pixai:{list(PIXAI)[2]}"),
    "meshy": (f"task:meshy:{list(MESHY)[1]}", f"task:meshy:{list(MESHY)[2]}"),
}
STREAMS = {"pixai": "GET /graphql", "meshy": "GET /openapi/v1/image-to-image/{id}/stream"}
READS = {"pixai": "POST /graphql", "meshy": "GET /openapi/v1/image-to-image/{id}"}
ENDS = ["SUCCEEDED", "FAILED"]


def upstream(box: Sandbox, name: str) -> Upstream:
    return {"pixai": box.pixai, "meshy": box.meshy}[name]


async def followed(stream: Payloads, clock: Clock) -> list[dict[str, Any]]:
    """Both tasks to their ends, in small steps."""
    updates = [await update(stream), await update(stream)]
    for _ in range(30):
        clock.advance(1)
    return updates + await rest(stream)


@pytest.mark.parametrize("name", TASKS)
@pytest.mark.parametrize("sent", [0, 1, 2])
async def test_a_stream_that_is_cut_once(box: Sandbox, clock: Clock, name: str, sent: int) -> None:
    """Before its first message, after it, or before the last: the task is read, the stream opened again."""
    box.arm(f"{name} {STREAMS[name]}: cut_after={sent} times=2")

    async with serving(Settings(), box, rhythm=BUSY) as graph, events(graph, list(TASKS[name])) as stream:
        updates = await followed(stream, clock)

    assert [course[-1] for course in courses(updates).values()] == ENDS
    assert_forwards(updates)


@pytest.mark.parametrize("name", TASKS)
@pytest.mark.parametrize(
    "fault", ["cut_after=0", "status=500", "status=404", "status=403", "reset=true", "html=true"]
)
async def test_a_stream_that_never_comes(box: Sandbox, clock: Clock, name: str, fault: str) -> None:
    """Polls alone bring both ends."""
    box.arm(f"{name} {STREAMS[name]}: {fault}")

    async with serving(Settings(), box, rhythm=BUSY) as graph, events(graph, list(TASKS[name])) as stream:
        updates = await followed(stream, clock)

    assert [course[-1] for course in courses(updates).values()] == ENDS
    assert_forwards(updates)


@pytest.mark.parametrize("name", TASKS)
async def test_everything_is_lost_for_a_while(box: Sandbox, clock: Clock, name: str) -> None:
    """Streams and reads fail while both tasks end: they are read as soon as the source is back."""
    async with serving(Settings(), box, rhythm=BUSY) as graph, events(graph, list(TASKS[name])) as stream:
        updates = [await update(stream), await update(stream)]
        await until(lambda: len(upstream(box, name).streams))
        box.arm(f"{name} *: status=503")
        upstream(box, name).streams.cut()
        clock.advance(1000)
        before = upstream(box, name).requests[READS[name]]
        await until(lambda: upstream(box, name).requests[READS[name]] > before + 2)
        upstream(box, name).heal()
        updates += await rest(stream)

    assert [course[-1] for course in courses(updates).values()] == ENDS
    assert_forwards(updates)


async def test_a_source_that_stays_away_ends_its_tasks_only(box: Sandbox, clock: Clock) -> None:
    """With its error, once the patience is over; the others go on to their ends."""
    pixai, midjourney = TASKS["pixai"][0], f"task:midjourney:{next(iter(MIDJOURNEY))}"

    async with (
        serving(Settings(), box, rhythm=replace(BUSY, patience=0.1)) as graph,
        events(graph, [pixai, midjourney]) as stream,
    ):
        updates = [await update(stream), await update(stream)]
        await until(lambda: len(box.pixai.streams))
        box.arm("pixai *: status=503")
        box.pixai.streams.cut()
        updates.append(await update(stream))
        clock.advance(1000)
        updates += await rest(stream)

    assert courses(updates) == {pixai: ["QUEUED", "UPSTREAM_FAULT"], midjourney: ["RUNNING", "SUCCEEDED"]}


async def test_an_error_event_after_a_good_status(box: Sandbox, clock: Clock) -> None:
    """A task that is deleted while it is watched: its stream says 404, a read confirms it."""
    key = list(MESHY)[4]

    async with (
        serving(Settings(), box, rhythm=STILL) as graph,
        events(graph, [f"task:meshy:{key}"]) as stream,
    ):
        first = await update(stream)
        await until(lambda: len(box.meshy.streams))
        box.meshy.world.delete("image-to-image", key)
        (last,) = await rest(stream)

    assert first["task"]["status"] == "QUEUED"
    assert last == {"taskId": f"task:meshy:{key}", "isDeleted": True, "error": None, "task": None}


async def test_every_disturbance_at_once(box: Sandbox, clock: Clock) -> None:
    """Connections that are cut again and again, reads that fail now and then: each end comes once."""
    ids = [*TASKS["pixai"], *TASKS["meshy"], *(f"task:midjourney:{key}" for key in list(MIDJOURNEY)[1:3])]

    async with serving(Settings(), box, rhythm=BUSY) as graph, events(graph, ids) as stream:
        updates = [await update(stream) for _ in ids]
        box.arm("pixai POST /graphql: status=500 times=6")
        box.arm("mj *: reset=true times=6")
        reading = asyncio.create_task(rest(stream))
        while not reading.done():
            for name in TASKS:
                upstream(box, name).streams.cut()
            clock.advance(0.5)
            await asyncio.sleep(0.05)
        updates += await reading

    assert_forwards(updates)
    assert [course[-1] for course in courses(updates).values()] == ENDS * 3
