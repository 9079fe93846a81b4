"""However many subscribe: each task is watched once, each event is executed on its own, and all ends."""

from __future__ import annotations

import asyncio
import json
from contextlib import AsyncExitStack
from typing import Any

import pytest

from sandbox import Clock, Sandbox
from sandbox.meshy.world import MOVING as MESHY
from sandbox.midjourney.edge_cases import TASKS as ODD
from sandbox.midjourney.world import MOVING as MIDJOURNEY
from sandbox.pixai.world import MOVING as PIXAI
from server import under_way
from server.settings import Settings
from tests.conftest import serving
from tests.server.held import Held
from tests.watch.watching import (
    BUSY,
    STILL,
    WATCH,
    courses,
    events,
    rest,
    until,
    update,
    watchers_tasks,
    websocket,
)

FIVE = {
    "pixai": [f"task:pixai:{key}" for key in list(PIXAI)[1:6]],
    "meshy": [f"task:meshy:{key}" for key in list(MESHY)[1:5]]
    + [f"task:meshy:text-to-image:{list(MESHY)[5]}"],
    "midjourney": [f"task:midjourney:{key}" for key in list(MIDJOURNEY)[1:6]],
}


@pytest.mark.parametrize("name", FIVE)
async def test_fifty_subscribers_of_five_tasks(box: Sandbox, name: str) -> None:
    """Five of Meshy's streams, one socket of PixAI's, one poller of Midjourney's; nothing once they leave."""
    async with serving(Settings(), box, rhythm=STILL) as graph:
        async with AsyncExitStack() as stack:
            streams = [await stack.enter_async_context(events(graph, FIVE[name])) for _ in range(50)]
            for stream in streams:
                for _ in FIVE[name]:
                    assert (await update(stream))["task"]["status"] == "QUEUED"
            await until(lambda: box.meshy.streams.opened == (5 if name == "meshy" else 0))
            await until(lambda: box.pixai.streams.opened == (1 if name == "pixai" else 0))
        await until(lambda: not watchers_tasks())

    reads = {
        "pixai": {"POST /graphql": 1, "GET /graphql": 1},
        "meshy": {
            "GET /openapi/v1/image-to-image/{id}": 4,
            "GET /openapi/v1/image-to-image/{id}/stream": 4,
            "GET /openapi/v1/text-to-image/{id}": 1,
            "GET /openapi/v1/text-to-image/{id}/stream": 1,
        },
        "midjourney": {"POST /mj/task/list-by-condition": 1},
    }[name]
    assert (
        dict(sum((one.requests for one in box.upstreams()), box.pixai.requests - box.pixai.requests)) == reads
    )


async def test_each_event_has_loaders_of_its_own(box: Sandbox, clock: Clock) -> None:
    """`Media.task` is read through a loader: at each event it says what the event says."""
    key = next(iter(PIXAI))
    query = """subscription ($ids: [ID!]!) {
        tasksUpdated(ids: $ids) { task { status cover { task { status } } media { url task { status } } } }
    }"""

    async with (
        serving(Settings(), box, rhythm=STILL) as graph,
        events(graph, [f"task:pixai:{key}"], query) as stream,
    ):
        first = await update(stream)
        await until(lambda: len(box.pixai.changes) > 1)
        clock.advance(1000)
        (last,) = await rest(stream)

    assert first == {"task": {"status": "RUNNING", "cover": None, "media": []}}
    assert last["task"]["status"] == "SUCCEEDED"
    assert last["task"]["cover"] == {"task": {"status": "SUCCEEDED"}}
    assert [(bool(one["url"]), one["task"]) for one in last["task"]["media"]] == [
        (True, {"status": "SUCCEEDED"})
    ]


@pytest.mark.parametrize("name", FIVE)
async def test_a_query_after_an_update_shows_no_older_state(box: Sandbox, clock: Clock, name: str) -> None:
    """Not even from a cache that was filled before: what a stream tells is remembered."""
    id_ = FIVE[name][0]

    async with serving(Settings(), box, rhythm=BUSY) as graph, events(graph, [id_]) as stream:
        query = "query ($id: ID!) { task(id: $id) { status progress } }"
        seen = []
        first = await update(stream)
        await graph.data(query, id=id_)
        clock.advance(1000)
        for last in await rest(stream):
            seen.append((last["task"], (await graph.data(query, id=id_))["task"]))

    assert first["task"]["status"] == "QUEUED"
    assert seen[-1][0]["status"] == "SUCCEEDED"
    assert {"status": seen[-1][0]["status"], "progress": seen[-1][0]["progress"]} == seen[-1][1]


@pytest.mark.parametrize("name", FIVE)
async def test_a_query_after_an_update_joins_none_from_before_it(
    box: Sandbox, clock: Clock, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same list, asked for before the task moved and after."""
    monkeypatch.setattr(under_way, "JOINABLE", 60.0)
    id_, query = FIVE[name][0], "{ tasks(first: 100) { nodes { id status } missing { code } } }"

    async with serving(Settings(), box, rhythm=BUSY) as graph, events(graph, [id_]) as stream:
        await update(stream)
        held = Held(monkeypatch)
        before = asyncio.create_task(graph.data(query))
        await held.count(1)
        clock.advance(1000)
        last = (await rest(stream))[-1]["task"]
        after = asyncio.create_task(graph.data(query))
        await held.count(2)
        held.open.set()
        await before

    shown = {"id": last["id"], "status": last["status"]}
    assert shown["status"] == "SUCCEEDED"
    assert shown in (await after)["tasks"]["nodes"]


async def test_what_is_wrong_with_an_id_ends_that_id(box: Sandbox, clock: Clock) -> None:
    """Unknown: null without an error. Malformed: INVALID_ID. The others go on."""
    ids = ["task:pixai:1", "task:meshy:none", "pixai:", "media:pixai:1", "x" * 600, FIVE["pixai"][0]]

    async with serving(Settings(), box, rhythm=STILL) as graph, events(graph, [*ids, *ids]) as stream:
        updates = [await update(stream) for _ in ids]
        await until(lambda: len(box.pixai.changes) > 1)
        clock.advance(1000)
        updates += await rest(stream)

    assert courses(updates) == {
        "task:pixai:1": ["unknown"],
        "task:meshy:none": ["unknown"],
        "pixai:": ["INVALID_ID"],
        "media:pixai:1": ["INVALID_ID"],
        "x" * 600: ["INVALID_ID"],
        FIVE["pixai"][0]: ["QUEUED", "SUCCEEDED"],
    }


async def test_a_task_that_needs_a_person_stays_watched(box: Sandbox) -> None:
    """ACTION_REQUIRED is told, and so is what follows the confirmation."""
    key = ODD["MODAL"]

    async with (
        serving(Settings(), box, rhythm=BUSY) as graph,
        websocket(graph, [f"task:midjourney:{key}"]) as stream,
    ):
        first = await update(stream)
        box.mj.world.finish(key)
        later = await rest(stream)

    assert courses([first, *later]) == {f"task:midjourney:{key}": ["ACTION_REQUIRED", "SUCCEEDED"]}


async def test_two_spellings_of_a_task_are_two_ids(box: Sandbox) -> None:
    """Watched once; each is answered as the client wrote it."""
    key = next(iter(MESHY))
    box.clock.advance(1000)

    async with (
        serving(Settings(), box, rhythm=STILL) as graph,
        events(graph, [f"meshy:{key}", f"task:meshy:{key}"]) as stream,
    ):
        found = await rest(stream)

    assert [one["taskId"] for one in found] == [f"meshy:{key}", f"task:meshy:{key}"]
    assert {one["task"]["id"] for one in found} == {f"task:meshy:image-to-image:{key}"}
    assert box.meshy.requests == {"GET /openapi/v1/image-to-image/{id}": 1}


async def test_no_ids_complete_at_once(box: Sandbox) -> None:
    """There is nothing to wait for."""
    async with serving(Settings(), box, rhythm=STILL) as graph, events(graph, []) as stream:
        assert await rest(stream) == []


LIMITS = {
    "ids": ({"watch_ids": 1}, "At most 1 ids per subscription; this one has 2"),
    "subscriptions": ({"watch_subscriptions": 1}, "At most 1 subscriptions at once: try again later"),
}


@pytest.mark.parametrize(("given", "message"), LIMITS.values(), ids=LIMITS)
async def test_a_subscription_over_a_limit_is_refused(
    box: Sandbox, given: dict[str, Any], message: str
) -> None:
    """With its code; those that are open go on."""
    async with (
        serving(Settings(**given), box, rhythm=STILL) as graph,
        events(graph, FIVE["pixai"][:1]) as first,
        events(graph, FIVE["pixai"][:2]) as second,
    ):
        assert (await update(first))["task"]["status"] == "QUEUED"
        (refused,) = [payload async for payload in second]

    (error,) = refused["errors"]
    assert (error["message"], error["extensions"]["code"]) == (message, "LIMIT_EXCEEDED")


async def test_a_subscription_lasts_as_long_as_it_may(box: Sandbox) -> None:
    """Then each id that has not ended says so, and the stream completes."""
    ids = FIVE["midjourney"][:2]

    async with (
        serving(Settings(watch_seconds=0.3), box, rhythm=STILL) as graph,
        websocket(graph, ids) as stream,
    ):
        found = await rest(stream)

    assert courses(found) == {id_: ["QUEUED", "LIMIT_EXCEEDED"] for id_ in ids}


async def test_too_many_tasks_end_the_ids_that_are_too_many(box: Sandbox) -> None:
    """The places are a source's own: another source's tasks are watched."""
    ids = [*FIVE["pixai"][:2], FIVE["meshy"][0]]

    async with serving(Settings(watch_tasks=1), box, rhythm=STILL) as graph, events(graph, ids) as stream:
        found = [await update(stream) for _ in ids]

    assert courses(found) == {ids[0]: ["QUEUED"], ids[1]: ["LIMIT_EXCEEDED"], ids[2]: ["QUEUED"]}


async def test_a_caller_without_a_key_is_told_so(box: Sandbox) -> None:
    """Where callers bring their own; with one, the task is watched with that key."""
    id_ = FIVE["meshy"][0]

    async with serving(Settings(passthrough=True), box, rhythm=STILL) as graph:
        async with events(graph, [id_]) as stream:
            without = await rest(stream)
        async with events(graph, [id_], WATCH, **{"X-Meshy-Key": "wrong"}) as stream:
            wrong = await rest(stream)
        async with events(graph, [id_], WATCH, **{"X-Meshy-Key": box.meshy.key}) as stream:
            right = await update(stream)

    assert courses(without) == {id_: ["PROVIDER_NOT_CONFIGURED"]}
    assert courses(wrong) == {id_: ["UPSTREAM_REFUSED"]}
    assert courses([right]) == {id_: ["QUEUED"]}


async def test_a_live_id_that_is_used_again_closes_the_socket(box: Sandbox) -> None:
    """With 4409, as the protocol wants it, and what it watched ends."""
    async with serving(Settings(), box, rhythm=STILL) as graph:
        address = graph.origin.replace("http", "ws", 1) + "/graphql"
        async with graph.session.ws_connect(address, protocols=["graphql-transport-ws"]) as wire:
            await wire.send_json({"type": "connection_init"})
            await wire.receive_json()
            payload = {"query": WATCH, "variables": {"ids": FIVE["meshy"]}}
            await wire.send_json({"type": "subscribe", "id": "1", "payload": payload})
            await until(lambda: len(box.meshy.streams) == 5)
            await wire.send_json({"type": "subscribe", "id": "1", "payload": payload})
            while (message := await wire.receive()).type.name != "CLOSE":
                assert json.loads(message.data)["type"] == "next"
        await until(lambda: not watchers_tasks())

    assert wire.close_code == 4409


async def test_a_client_that_vanishes_ends_its_subscription(box: Sandbox) -> None:
    """Its connection is reset in the middle of a stream."""
    async with serving(Settings(), box, rhythm=BUSY) as graph:
        for open_ in (events, websocket):
            async with open_(graph, FIVE["meshy"]) as stream:
                await update(stream)
                await until(lambda: len(box.meshy.streams) == 5)
            await until(lambda: not watchers_tasks())

    assert len(box.meshy.streams) == 0
    await asyncio.sleep(0)
