"""`triptych serve --workers`: one port, one sandbox, several processes, and nothing left of them."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable
from ctypes import c_uint64
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from server.workers import ChangesOfAll
from tests.server.process import Running, Triptych

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks processes up in /proc")
QUERY = "{ tasks(first: 1) { nodes { id } } }"
SERVE = ("serve", "--port", "0", "--workers", "2")
NONE_AT_START = """
import os, sys
if "spawn_main" in " ".join(sys.orig_argv):
    os._exit(3)
"""


@pytest.fixture
def triptych(tmp_path: Path) -> Triptych:
    """The cold command: its process is the parent of the workers."""
    return Triptych(tmp_path)


def workers_of(server: Running) -> set[int]:
    """Their process ids."""
    children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text().split()
    found = {int(pid): Path(f"/proc/{pid}/cmdline").read_bytes() for pid in children}
    return {pid for pid, command in found.items() if b"spawn_main" in command}


async def until(is_so: Callable[[], bool]) -> None:
    """Look again and again: nobody tells what becomes of another process's children."""
    async with asyncio.timeout(30):
        while not is_so():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def until_gone(pids: set[int]) -> None:
    """Returns when none of them runs."""
    await until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in pids))


async def ask(server: Running) -> Any:
    """On a connection of its own."""
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{server.origin}/graphql", json={"query": QUERY}) as response,
    ):
        return await response.json()


async def test_workers_answer_from_one_world_and_stop_together(triptych: Triptych) -> None:
    """The same task in every answer; one that is killed is replaced; SIGTERM ends all, with code 0."""
    async with triptych.running(*SERVE, lines=5) as server:
        first = workers_of(server)
        answers = [await ask(server) for _ in range(5)]
        os.kill(min(first), signal.SIGKILL)
        await until_gone({min(first)})
        await until(lambda: len(workers_of(server)) == 2)
        second = workers_of(server)
        answers += [await ask(server) for _ in range(5)]
        code = await server.stop()
        await until_gone(first | second)

    assert (len(first), len(first & second)) == (2, 1)
    assert answers[0]["data"]["tasks"]["nodes"] != []
    assert answers == [answers[0]] * 10
    assert code == 0


async def test_ctrl_c_reaches_them_all_and_ends_cleanly(triptych: Triptych) -> None:
    """As a terminal sends it: to the parent and to its workers."""
    async with triptych.running(*SERVE, lines=5) as server:
        workers = workers_of(server)
        for pid in workers:
            os.kill(pid, signal.SIGINT)
        code = await server.stop(signal.SIGINT)
        await until_gone(workers)
        assert server.process.stderr is not None
        said = await server.process.stderr.read()

    assert (code, said) == (0, b"")


async def test_no_worker_outlives_its_parent(triptych: Triptych) -> None:
    """However that one ends."""
    async with triptych.running(*SERVE, lines=5) as server:
        workers = workers_of(server)
        server.process.kill()
        await server.process.wait()

        await until_gone(workers)


async def test_a_worker_that_cannot_start_is_one_sentence(
    triptych: Triptych, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit code 1, and the other one is not left behind."""
    (triptych.directory / "sitecustomize.py").write_text(NONE_AT_START)
    monkeypatch.setenv("PYTHONPATH", f"{triptych.directory}:{Path(__file__).parents[2]}")

    ended = await triptych.run(*SERVE)

    assert (ended.code, ended.out) == (1, "")
    assert ended.err == "triptych: a worker ended before it could serve\n"


def hear(counts: Any, number: int, changes: int) -> None:
    """As the worker of that number."""
    heard = ChangesOfAll(counts, number)
    for _ in range(changes):
        heard.add()


def test_what_one_worker_hears_all_of_them_know() -> None:
    """By memory that they share, where each counts for itself."""
    spawn = multiprocessing.get_context("spawn")
    counts = spawn.RawArray(c_uint64, 3)
    known = ChangesOfAll(counts, 0)
    known.add()
    others = [spawn.Process(target=hear, args=(counts, number, 1000)) for number in (1, 2)]
    for other in others:
        other.start()
    for other in others:
        other.join()

    assert known.count == 2001
