"""Every way in which a task ends, at every source, over every transport, with the upstream calls counted."""

from __future__ import annotations

import pytest

from sandbox import Clock, Sandbox
from sandbox.meshy.world import MOVING as MESHY
from sandbox.midjourney.world import MOVING as MIDJOURNEY
from sandbox.pixai.world import MOVING as PIXAI
from server.settings import Settings
from tests.conftest import Client, serving
from tests.watch.watching import (
    STILL,
    TRANSPORTS,
    WATCH,
    Transport,
    assert_forwards,
    courses,
    rest,
    until,
    update,
)

PIXAI_TASKS = dict(zip(("SUCCEEDED", "CANCELED", "FAILED"), PIXAI, strict=False))
MESHY_TASKS = dict(zip(("SUCCEEDED", "", "FAILED", "CANCELED"), MESHY, strict=False))
MIDJOURNEY_TASKS = dict(zip(("SUCCEEDED", "CANCELED", "FAILED"), MIDJOURNEY, strict=False))
HOOK = "a-secret-of-16-and-more"


each_transport = pytest.mark.parametrize("transport", TRANSPORTS.values(), ids=TRANSPORTS)


@each_transport
async def test_pixais_tasks_over_its_socket(box: Sandbox, clock: Clock, transport: Transport) -> None:
    """One call for the snapshots and one socket bring every change and each end once."""
    ids = {status: f"task:pixai:{key}" for status, key in PIXAI_TASKS.items()}

    async with (
        serving(Settings(), box, rhythm=STILL) as graph,
        transport(graph, list(ids.values())) as stream,
    ):
        first = [await update(stream) for _ in ids]
        await until(lambda: len(box.pixai.changes) > 1)
        clock.advance(6)
        later = [await update(stream) for _ in ids]
        box.pixai.cancel(PIXAI_TASKS["CANCELED"], None)
        clock.advance(1000)
        later += await rest(stream)

    assert courses(first + later) == {
        ids["SUCCEEDED"]: ["RUNNING", "SUCCEEDED"],
        ids["CANCELED"]: ["QUEUED", "RUNNING", "CANCELED"],
        ids["FAILED"]: ["QUEUED", "RUNNING", "FAILED"],
    }
    assert [len(one["task"]["media"]) for one in later if one["task"]["status"] == "SUCCEEDED"] == [1]
    assert box.pixai.requests == {"POST /graphql": 1, "GET /graphql": 1}


@each_transport
async def test_meshys_tasks_over_their_streams(box: Sandbox, clock: Clock, transport: Transport) -> None:
    """A call and a stream each; parts are merged into the whole task, whose prompt stays."""
    ids = {status: f"task:meshy:{MESHY_TASKS[status]}" for status in ("SUCCEEDED", "FAILED", "CANCELED")}
    query = WATCH.replace("progress", "progress prompt")

    async with (
        serving(Settings(), box, rhythm=STILL) as graph,
        transport(graph, list(ids.values()), query) as stream,
    ):
        updates = [await update(stream) for _ in ids]
        await until(lambda: len(box.meshy.streams) == 3)
        for _ in range(10):
            clock.advance(10)
        updates += await rest(stream)

    found = courses(updates)
    assert {key: (course[0], course[-1]) for key, course in found.items()} == {
        ids["SUCCEEDED"]: ("RUNNING", "SUCCEEDED"),
        ids["FAILED"]: ("QUEUED", "FAILED"),
        ids["CANCELED"]: ("QUEUED", "CANCELED"),
    }
    assert all(course.count(course[-1]) == 1 for course in found.values())
    assert_forwards(updates)
    assert len({(one["taskId"], one["task"]["prompt"]) for one in updates}) == 3
    assert box.meshy.requests == {
        "GET /openapi/v1/image-to-image/{id}": 3,
        "GET /openapi/v1/image-to-image/{id}/stream": 3,
    }


@each_transport
async def test_midjourneys_tasks_by_polls(box: Sandbox, clock: Clock, transport: Transport) -> None:
    """One call a poll, whatever number of tasks; here each poll is one that a hook asks for."""
    ids = {status: f"task:midjourney:{key}" for status, key in MIDJOURNEY_TASKS.items()}
    settings = Settings.load({"TRIPTYCH_HOOK_SECRET": HOOK})

    async with (
        serving(settings, box, rhythm=STILL) as graph,
        transport(graph, list(ids.values())) as stream,
    ):
        updates = [await update(stream) for _ in ids]
        clock.advance(7)
        await hook(graph, "midjourney", MIDJOURNEY_TASKS["FAILED"])
        updates.append(await update(stream))
        box.mj.world.end(MIDJOURNEY_TASKS["CANCELED"], "CANCEL", "", "")
        clock.advance(1000)
        for key in MIDJOURNEY_TASKS.values():
            await hook(graph, "midjourney", key)
        updates += await rest(stream)

    assert courses(updates) == {
        ids["SUCCEEDED"]: ["RUNNING", "SUCCEEDED"],
        ids["CANCELED"]: ["QUEUED", "CANCELED"],
        ids["FAILED"]: ["QUEUED", "RUNNING", "FAILED"],
    }
    assert_forwards(updates)
    assert 3 <= box.mj.requests["POST /mj/task/list-by-condition"] <= 5
    assert box.newapi.requests == {}


async def hook(graph: Client, source: str, key: str, secret: str = HOOK) -> int:
    """Its status."""
    body = {"type": "task_updated", "data": {"id": key}} if source == "pixai" else {"id": key}
    async with graph.session.post(f"{graph.origin}/hooks/{source}/{secret}", json=body) as response:
        return response.status
