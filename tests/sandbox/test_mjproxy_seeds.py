"""midjourney-proxy's image-seed."""

from __future__ import annotations

import asyncio

import pytest
from aiohttp import ClientTimeout

from sandbox import Sandbox
from sandbox.midjourney.edge_cases import TASKS
from tests.sandbox.requests_midjourney import PIG, Client, documented


@pytest.mark.parametrize(
    ("name", "status", "code", "description", "result"),
    [
        ("seed text", 200, 1, "成功", "1234567890"),
        ("seed number", 200, 1, "成功", 1320098173),
        ("seed over 31 bits", 200, 1, "成功", "4294967295"),
        ("seed number over 64 bits", 200, 1, "成功", 123456789012345678901234567890),
        ("seed no digits", 200, 1, "成功", "not available"),
        ("seed 0", 200, 1, "成功", "0"),
        ("seed empty", 200, 1, "成功", ""),
        ("seed missing", 200, 3, "未找到 seed", None),
        ("seed failed", 200, 9, "Request timeout", None),
        ("MODAL", 400, 4, "关联任务状态错误", None),
        ("FAILURE", 400, 4, "关联任务状态错误", None),
        ("row only", 404, 3, "关联任务不存在或已失效", None),
    ],
)
async def test_results_and_errors(
    mj: Client, name: str, status: int, code: int, description: str, result: object
) -> None:
    """One shape for all: code, description, result, properties."""
    body = {"code": code, "description": description, "result": result, "properties": {}}

    assert await mj.seed(TASKS[name]) == (status, body)


async def test_the_documents_answer_is_a_task_without_a_seed(mj: Client, box: Sandbox) -> None:
    """Exactly what fetch answers, in every flavour that has the route."""
    for flavour in ("csharp", "reseller"):
        box.mj.flavour = flavour
        status, body = await mj.seed(PIG)

        assert status == 200
        assert body == await mj.fetch(PIG)
        assert set(documented("image_seed")) <= set(body)


async def test_a_seed_once_told_is_on_the_task(mj: Client) -> None:
    """It was null before."""
    key = TASKS["seed text"]
    before = (await mj.fetch(key))["seed"]

    await mj.seed(key)

    assert (before, (await mj.fetch(key))["seed"]) == (None, "1234567890")


async def test_the_java_server_has_no_such_route(box: Sandbox, mj: Client) -> None:
    """404 in Spring's shape."""
    box.mj.flavour = "java"

    status, body = await mj.seed(PIG)

    assert (status, body["status"], body["error"]) == (404, 404, "Not Found")
    assert body["path"] == f"/mj/task/{PIG}/image-seed"


async def test_seeds_may_take_their_time(box: Sandbox, mj: Client) -> None:
    """One task's own, and a delay for all."""
    short = ClientTimeout(0.05)
    slow, quick = (f"/mj/task/{TASKS[name]}/image-seed" for name in ("seed slow", "seed text"))

    with pytest.raises(asyncio.TimeoutError):
        await mj.json(slow, timeout=short)
    status, body = await mj.json(slow)
    box.mj.seed_delay = 60
    with pytest.raises(asyncio.TimeoutError):
        await mj.json(quick, timeout=short)

    assert (status, body["result"]) == (200, "31415926")
    assert box.mj.requests == {"GET /mj/task/{id}/image-seed": 3}
