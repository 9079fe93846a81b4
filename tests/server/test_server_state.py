"""Idempotency keys in a file: shared by the servers of a machine, and what is left of one that is killed."""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from sandbox import Sandbox
from tests.conftest import Serve
from tests.server.process import Triptych

BANNER = 5  # lines
CREATE = """
mutation ($key: String!) {
  createTask(input: { pixai: { prompt: "a fox" } }, idempotencyKey: $key) { taskId }
}
"""


async def create(session: aiohttp.ClientSession, origin: str, key: str) -> Any:
    """The new task's id, or the code of the error."""
    body = {"query": CREATE, "variables": {"key": key}}
    async with session.post(f"{origin}/graphql", json=body) as response:
        answer = await response.json()
    return answer["data"]["createTask"] or answer["errors"][0]["extensions"]["code"]


def names(folder: Path) -> list[str]:
    """What is in it."""
    return [path.name for path in folder.iterdir()]


async def sent(box: Sandbox, count: int) -> None:
    """As soon as PixAI has made so many tasks."""
    while len(box.pixai.created) < count:  # noqa: ASYNC110 - the sandbox tells nobody
        await asyncio.sleep(0.01)


async def test_servers_that_share_a_file_send_each_write_once(
    triptych: Triptych, box: Sandbox, tmp_path: Path
) -> None:
    """At once, after a kill between sending and recording, and after a restart.

    The file is in the platform's state folder where nothing else is set.
    """
    settings = {
        "pixai_key": box.pixai.key,
        "pixai_url": box.pixai.url,
        "write_seconds": "4",
    }
    serve = ("serve", "--port", "0")

    async with aiohttp.ClientSession() as session:
        async with (
            triptych.running(*serve, lines=BANNER, **settings) as one,
            triptych.running(*serve, lines=BANNER, **settings) as other,
        ):
            box.pixai.fail("POST /graphql", answer_delay=0.2, times=1)
            asked = [create(session, server.origin, "a") for server in [one, other] * 10]
            answers = await asyncio.gather(*asked)
            first = {"taskId": f"task:pixai:{box.pixai.created[0]}"}
            assert (answers, len(box.pixai.created)) == ([first] * 20, 1)

            box.pixai.fail("POST /graphql", answer_delay=60, times=1)
            lost = asyncio.create_task(create(session, one.origin, "b"))
            await sent(box, 2)
            await one.stop(signal.SIGKILL)
            with suppress(aiohttp.ClientError):
                await lost
            assert await create(session, other.origin, "b") == "OUTCOME_UNKNOWN"
            assert len(box.pixai.created) == 2

            box.pixai.fail("POST /graphql", answer_delay=0.5, times=1)
            impatient = asyncio.create_task(create(session, other.origin, "c"))
            await sent(box, 3)
            impatient.cancel()
            assert await other.stop() == 0

        async with triptych.running(*serve, lines=BANNER, **settings) as restarted:
            asked = [create(session, restarted.origin, key) for key in "abc"]
            third = {"taskId": f"task:pixai:{box.pixai.created[2]}"}
            assert await asyncio.gather(*asked) == [first, "OUTCOME_UNKNOWN", third]

    assert (tmp_path / "state" / "triptych" / "state.db").is_file()
    assert box.pixai.requests == {"POST /graphql": 3 + 3}  # the creations, and one check at each start


async def test_a_state_that_cannot_be_opened_stops_the_start(triptych: Triptych, tmp_path: Path) -> None:
    """In one sentence that names the setting."""
    (tmp_path / "notes.txt").write_text("not a database, and longer than nothing\n" * 100)

    wrong = await triptych.run("serve", "--port", "0", pixai_key="k", state="notes.txt")

    assert (wrong.code, wrong.out, wrong.err) == (
        1,
        "",
        "triptych: The state of idempotency keys cannot be used: file is not a database "
        "(TRIPTYCH_STATE=notes.txt)\n",
    )


async def test_the_sandbox_alone_needs_no_file(
    serve: Serve, box: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its tasks end with the process, and so do the keys; one that is set is used all the same."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "home"))

    async with serve() as graph:
        first = [await create(graph.session, graph.origin, "a") for _ in range(2)]
    async with serve() as graph:
        second = await create(graph.session, graph.origin, "a")
    for _ in range(2):
        async with serve(state=tmp_path / "keys.db") as graph:
            third = await create(graph.session, graph.origin, "a")

    made = [{"taskId": f"task:pixai:{key}"} for key in box.pixai.created]
    assert [*first, second, third] == [made[0], made[0], made[1], made[2]]
    assert names(tmp_path) == ["keys.db"]
