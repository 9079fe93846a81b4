"""Webhooks wake those who watch, and do nothing else."""

from __future__ import annotations

import asyncio
import io
from dataclasses import replace

import pytest

from sandbox import Clock, Sandbox
from sandbox.meshy.world import MOVING as MESHY
from sandbox.midjourney.world import MOVING as MIDJOURNEY
from sandbox.pixai.world import MOVING as PIXAI
from server.settings import Settings
from tests.conftest import Client, serving
from tests.watch.watching import STILL, courses, events, rest, until, update

SECRET = "a-secret-of-16-and-more"
SETTINGS = Settings.load({"TRIPTYCH_HOOK_SECRET": SECRET})
IDS = {
    "pixai": f"task:pixai:{list(PIXAI)[1]}",
    "meshy": f"task:meshy:{list(MESHY)[1]}",
    "midjourney": f"task:midjourney:{list(MIDJOURNEY)[1]}",
}
READS = {
    "pixai": "POST /graphql",
    "meshy": "GET /openapi/v1/image-to-image/{id}",
    "midjourney": "POST /mj/task/list-by-condition",
}


async def post(graph: Client, path: str, body: bytes) -> int:
    async with graph.session.post(f"{graph.origin}{path}", data=io.BytesIO(body)) as response:
        return response.status


def reads(box: Sandbox, name: str) -> int:
    upstream = {"pixai": box.pixai, "meshy": box.meshy, "midjourney": box.mj}[name]
    return upstream.requests[READS[name]]


@pytest.mark.parametrize("name", IDS)
async def test_the_sources_own_hooks_bring_every_change(box: Sandbox, clock: Clock, name: str) -> None:
    """Though nothing is polled and no stream opens."""
    box.arm("pixai GET /graphql: status=503")
    box.arm("meshy GET /openapi/v1/image-to-image/{id}/stream: status=403")
    rhythm = replace(STILL, retry=900, longest_retry=900)

    async with serving(SETTINGS, box, rhythm=rhythm) as graph, events(graph, [IDS[name]]) as stream:
        for source, upstream in (("pixai", box.pixai), ("meshy", box.meshy), ("midjourney", box.mj)):
            upstream.webhook = f"{graph.origin}/hooks/{source}/{SECRET}"
        updates = [await update(stream)]
        clock.advance(5)
        updates.append(await update(stream))
        clock.advance(1000)
        updates += await rest(stream)

    assert courses(updates) == {IDS[name]: ["QUEUED", "RUNNING", "SUCCEEDED"]}


async def test_a_storm_of_hooks_is_one_read_a_second(box: Sandbox) -> None:
    """However many come; the last one is not lost."""
    key = IDS["midjourney"].rpartition(":")[2]

    async with (
        serving(SETTINGS, box, rhythm=replace(STILL, least=1)) as graph,
        events(graph, [IDS["midjourney"]]) as stream,
    ):
        await update(stream)
        before = reads(box, "midjourney")
        body = f'{{"id": "{key}", "status": "SUCCESS", "progress": "100%"}}'.encode()
        statuses = {await post(graph, f"/hooks/midjourney/{SECRET}", body) for _ in range(100)}
        await until(lambda: reads(box, "midjourney") > before)
        told = asyncio.ensure_future(anext(stream))
        await asyncio.sleep(0.1)
        is_believed = told.done()
        told.cancel()

    assert statuses == {204}
    assert reads(box, "midjourney") - before == 1
    assert not is_believed


BODIES = [
    b"",
    b"{",
    b"[]",
    b"7",
    b'{"id": 7}',
    b'{"id": {"a": 1}}',
    b'{"data": {}}',
    b"\xff" * 100,
    b'{"id": "' + b"x" * 9999 + b'"}',
]


@pytest.mark.parametrize("body", BODIES)
async def test_whatever_the_body_is(box: Sandbox, body: bytes) -> None:
    """Read, and forgotten: no source is asked."""
    async with serving(SETTINGS, box, rhythm=STILL) as graph:
        assert [await post(graph, f"/hooks/{name}/{SECRET}", body) for name in IDS] == [204] * 3

    assert [sum(upstream.requests.values()) for upstream in box.upstreams()] == [0, 0, 0, 0]


async def test_who_does_not_know_the_secret_finds_nothing(box: Sandbox) -> None:
    """Nor does anybody where none is set; a body beyond 1 MiB is refused."""
    paths = [
        f"/hooks/pixai/{SECRET}x",
        "/hooks/pixai/",
        "/hooks/pixai/%ff",
        f"/hooks/dalle/{SECRET}",
        "/hooks",
    ]
    async with serving(SETTINGS, box, rhythm=STILL) as graph:
        statuses = [await post(graph, path, b"{}") for path in paths]
        too_large = await post(graph, f"/hooks/pixai/{SECRET}", b"x" * (1024 * 1024 + 1))
    async with serving(Settings(), box, rhythm=STILL) as graph:
        unset = await post(graph, f"/hooks/pixai/{SECRET}", b"{}")

    assert (statuses, too_large, unset) == ([404] * len(paths), 413, 404)
