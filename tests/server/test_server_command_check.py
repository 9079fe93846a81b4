"""`triptych check`, and the same in a running server: which source works with its key."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import aiohttp
from pydantic import SecretStr

from loaders.records import Capability, Provider
from loaders.sources import Sources
from sandbox import Sandbox
from server.checks import Checks, Finding
from server.settings import Settings
from server.source_config import source_settings
from tests.server.process import Triptych
from tests.server.test_server_command_tasks import everywhere


def all_of(box: Sandbox) -> dict[str, str]:
    """Both halves of Midjourney, too."""
    return everywhere(box) | {"mj_url": box.mj.url, "mj_key": box.mj.key, "mj_auth": "mj-api-secret"}


async def test_each_source_costs_one_call(triptych: Triptych, box: Sandbox) -> None:
    """Midjourney one for each of its servers."""
    ended = await triptych.run("check", "--format", "jsonl", **all_of(box))

    assert [json.loads(line) for line in ended.out.splitlines()] == [
        {"source": source, "server": server.url, "state": "works", "message": None}
        for source, server in (
            ("PixAI", box.pixai),
            ("Meshy", box.meshy),
            ("Midjourney", box.newapi),
            ("Midjourney", box.mj),
        )
    ]
    assert [sum(upstream.requests.values()) for upstream in box.upstreams()] == [1, 1, 1, 1]
    assert (ended.code, ended.err) == (0, "")


async def test_what_does_not_work_is_told_apart(triptych: Triptych, box: Sandbox) -> None:
    """Each of Midjourney's servers for itself, whichever of them it is."""
    box.meshy.fail("*", status=402)
    box.mj.fail("*", status=401)
    first = await triptych.run(
        "check", "--format", "jsonl", **all_of(box) | {"pixai_url": "http://127.0.0.1:1"}
    )
    box.mj.heal()
    box.newapi.fail("*", status=401)
    second = await triptych.run("check", "--format", "jsonl", **all_of(box) | {"pixai_key": "wrong"})

    states = [[json.loads(line)["state"] for line in ended.out.splitlines()] for ended in (first, second)]
    assert states == [
        ["unreachable", "out of credit", "works", "key refused"],
        ["key refused", "out of credit", "key refused", "works"],
    ]
    assert [ended.code for ended in (first, second)] == [1, 1]


async def test_what_is_not_configured_is_not_asked(triptych: Triptych, box: Sandbox) -> None:
    """Alone it is no failure; nothing configured at all is."""
    one = await triptych.run("check", "--format", "csv", pixai_url=box.pixai.url, pixai_key=box.pixai.key)
    none = await triptych.run("check", "--format", "csv", sandbox="off")

    assert (one.code, one.out.splitlines()[2:]) == (
        0,
        ["Meshy,,not configured,", "Midjourney,,not configured,"],
    )
    assert (none.code, none.out.count("not configured")) == (1, 3)


async def ready(origin: str) -> Any:
    async with aiohttp.ClientSession() as session, session.get(f"{origin}/readyz") as response:
        return (await response.json())["sources"]


async def test_a_server_checks_at_its_start(triptych: Triptych, box: Sandbox) -> None:
    """In the background: `/readyz` tells, each source that does not work has a line, and it serves."""
    settings = all_of(box) | {"pixai_key": "wrong"}
    box.newapi.fail("*", status=401)

    async with triptych.running("serve", lines=5, port="0", **settings) as server:
        while [*(states := await ready(server.origin)).values()].count("available") > 1:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        await server.stop()
        assert server.process.stderr is not None
        said = (await server.process.stderr.read()).decode().splitlines()

    assert states == {"PIXAI": "key refused", "MESHY": "available", "MIDJOURNEY": "key refused"}
    assert sorted(line for line in said if " WARNING source fails " not in line) == [
        f"Midjourney at {box.newapi.url}: key refused (Midjourney refused the key (HTTP 401)); "
        "its fields fail until that changes",
        f"PixAI at {box.pixai.url}: key refused (PixAI refused the key (HTTP 401)); "
        "its fields fail until that changes",
    ]


async def test_a_source_that_fails_is_asked_until_it_works(box: Sandbox, monkeypatch: Any) -> None:
    """It is reported once, and is found to work without anybody's request."""
    monkeypatch.setattr("server.checks.AGAIN", 0.01)
    box.meshy.fail("*", status=402, times=3)
    reported: list[Finding] = []

    async with Sources(
        source_settings(Settings(meshy_url=box.meshy.url, meshy_key=SecretStr(box.meshy.key)))
    ) as sources:
        checks = Checks(sources, reported.append)
        checks.start()
        while sum(box.meshy.requests.values()) < 4 or checks.error(Provider.MESHY):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        await checks.stop()

    assert [(one.provider, one.state) for one in reported] == [("MESHY", "out of credit")]
    assert sum(box.meshy.requests.values()) == 4


async def test_what_a_token_may_list_is_tried_once(box: Sandbox) -> None:
    """At the start, with one call more: only an administrator's token announces everybody's list."""
    tokens = {
        box.newapi.user: (box.newapi.key, False),
        box.newapi.admin_user: (box.newapi.admin_key, True),
    }
    for user, (token, may_list) in tokens.items():
        box.newapi.requests.clear()
        settings = Settings(newapi_url=box.newapi.url, newapi_token=SecretStr(token), newapi_user=user)
        async with Sources(source_settings(settings)) as sources:
            account = sources.own()[Provider.MIDJOURNEY]
            checks = Checks(sources, lambda _finding: None)
            assert Capability.LIST_ALL_TASKS not in account.capabilities
            checks.start()
            await checks.finished()

            assert (Capability.LIST_ALL_TASKS in account.capabilities) is may_list
            assert box.newapi.requests == {"GET /api/mj/self": 1, "GET /api/mj/": 1}
            assert checks.error(Provider.MIDJOURNEY) is None


async def test_a_server_that_uses_no_keys_of_its_own_asks_nobody(triptych: Triptych, box: Sandbox) -> None:
    """Where callers bring theirs, a source that refuses a call without one is not at fault."""
    settings = {
        "passthrough": "1",
        "mj_url": box.mj.url,
        "mj_auth": "mj-api-secret",
        "pixai_url": box.pixai.url,
    }

    async with triptych.running("serve", lines=5, port="0", **settings) as server:
        await ready(server.origin)
        await server.stop()
        assert server.process.stderr is not None
        said = await server.process.stderr.read()

    assert (said, sum(box.mj.requests.values())) == (b"", 0)
