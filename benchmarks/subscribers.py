"""`python -m benchmarks.subscribers`: many subscribers of some tasks at once, for as long as those take.

Everything runs in one process: the sandbox, the server, and the clients over real sockets, most of them over
WebSockets, a hundred a socket, the others over server-sent events. Exits with 1 where an end was lost or came
twice, a task was watched more than once, memory grew, or a task of asyncio's or a socket was left behind.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import uvloop

import sandbox
from sandbox import Clock, Sandbox
from sandbox.schedule import RUNS, WAITS
from server.settings import Settings
from tests.conftest import Client, serving

FIELDS = "taskId error { code } task { status progress }"
QUERY = f"subscription ($ids: [ID!]!) {{ tasksUpdated(ids: $ids) {{ {FIELDS} }} }}"
PER_SOCKET = 100
OVER_EVENTS = 0.2  # of the subscribers
EACH = 3  # tasks that one subscribes to
STEP = 0.5  # seconds between two steps of the sandbox's clock
GROWTH = 1.3  # times the memory after a quarter of the time
ENDS = frozenset({"SUCCEEDED", "FAILED", "CANCELED"})


@dataclass
class Seen:
    """By all subscribers. ends: how many each subscription of a task got."""

    updates: int = 0
    errors: Counter[str] = field(default_factory=Counter)
    ends: Counter[tuple[int, str]] = field(default_factory=Counter)

    def note(self, subscriber: int, payload: Any) -> None:
        """One update."""
        update = payload["data"]["tasksUpdated"]
        self.updates += 1
        if update["error"] is not None:
            self.errors[update["error"]["code"]] += 1
        elif update["task"]["status"] in ENDS:
            self.ends[subscriber, update["taskId"]] += 1


@dataclass
class Watched:
    """What the sources were asked for, and what the process took, sampled."""

    meshy: int = 0
    pixai: int = 0
    memory: list[float] = field(default_factory=list)


async def run(seconds: float, subscribers: int, tasks: int) -> int:
    """The exit code."""
    clock = Clock(time.time())
    before = len(asyncio.all_tasks()), _files()
    settings = Settings(max_connections=100_000, max_connections_per_client=0)
    async with sandbox.start(clock=clock) as box, serving(settings, box) as graph:
        ids = _created(box, tasks)
        chosen = [[ids[(number + place) % tasks] for place in range(EACH)] for number in range(subscribers)]
        await graph.data("{ __typename }")
        watching = _watching()
        seen, watched = Seen(), Watched()
        started = time.process_time()
        async with asyncio.TaskGroup() as group:
            ticking = group.create_task(_tick(clock, box, watched, seconds))
            over_events = int(subscribers * OVER_EVENTS)
            for number in range(over_events):
                group.create_task(_over_events(graph, number, chosen[number], seen))
            for first in range(over_events, subscribers, PER_SOCKET):
                numbers = range(first, min(first + PER_SOCKET, subscribers))
                group.create_task(_over_socket(graph, {number: chosen[number] for number in numbers}, seen))
        await ticking
        cpu = time.process_time() - started
        await asyncio.sleep(2)
        still_watching = _watching()
        calls = {upstream.name: dict(upstream.requests) for upstream in box.upstreams()}
    await asyncio.sleep(0.5)
    after = len(asyncio.all_tasks()), _files()
    wanted = Counter({(number, id_): 1 for number, mine in enumerate(chosen) for id_ in mine})
    quarter, last = watched.memory[len(watched.memory) // 4], watched.memory[-1]
    print(f"{subscribers} subscribers of {tasks} tasks, {EACH} each, for {seconds:g} s")
    print(f"  updates sent     {seen.updates:,} ({seen.updates / seconds:,.0f} a second, {cpu:.1f} s of CPU)")
    print(
        f"  ends             {seen.ends.total():,} of {wanted.total():,}, {dict(seen.errors) or 'no'} errors"
    )
    print(
        f"  upstream         {watched.meshy} streams of Meshy's, {watched.pixai} sockets of PixAI's at once"
    )
    print(f"  upstream calls   {json.dumps(calls)}")
    print(f"  memory           {quarter:.0f} MB after a quarter of the time, {last:.0f} MB at the end")
    print(f"  still watching   {still_watching} tasks of asyncio's, two seconds after the last end")
    print(f"  left behind      {after[0] - before[0]} tasks, {after[1] - before[1]} files when all is closed")
    is_good = (
        seen.ends == wanted
        and watched.pixai <= 1
        and watched.meshy <= tasks
        and last <= quarter * GROWTH
        and still_watching <= watching
        and after[0] <= before[0]
        and after[1] <= before[1] + 2  # what the libraries open once
    )
    return 0 if is_good else 1


def _created(box: Sandbox, tasks: int) -> list[str]:
    """New tasks of all three sources, in turns."""
    now = box.clock()
    found = []
    for number in range(tasks):
        if number % 3 == 0:
            box.pixai.max_concurrent = tasks
            found.append(f"task:pixai:{box.pixai.create({'prompts': 'a heron'}).id}")
        elif number % 3 == 1:
            box.meshy.world.balance = 1_000_000
            made = box.meshy.world.create("image-to-image", "nano-banana", "a heron", now, multi_view=False)
            assert made is not None, "there are credits"
            found.append(f"task:meshy:{made.id}")
        else:
            schedule = sandbox.schedule.Schedule(now, WAITS, RUNS)
            found.append(f"task:midjourney:{box.mj.world.insert(schedule=schedule).id}")
    return found


async def _tick(clock: Clock, box: Sandbox, watched: Watched, seconds: float) -> None:
    """Move the sandbox's clock so that its tasks take that long."""
    started, begun = time.monotonic(), clock.now
    elapsed = 0.0
    while elapsed < seconds:
        await asyncio.sleep(STEP)
        elapsed = time.monotonic() - started
        clock.now = max(clock.now, begun + elapsed / seconds * (WAITS + RUNS))
        watched.meshy = max(watched.meshy, len(box.meshy.streams))
        watched.pixai = max(watched.pixai, len(box.pixai.streams))
        watched.memory.append(_memory())
    clock.advance(1)


async def _over_events(graph: Client, number: int, ids: list[str], seen: Seen) -> None:
    body = {"query": QUERY, "variables": {"ids": ids}}
    async with aiohttp.ClientSession() as session:
        address, accept = f"{graph.origin}/graphql", {"Accept": "text/event-stream"}
        async with session.post(address, json=body, headers=accept) as response:
            async for line in _lines(response):
                if line.startswith(b"data: {"):
                    seen.note(number, json.loads(line[6:]))


async def _lines(response: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
    async for line in response.content:
        yield line


async def _over_socket(graph: Client, wanted: dict[int, list[str]], seen: Seen) -> None:
    address = graph.origin.replace("http", "ws", 1) + "/graphql"
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(address, protocols=["graphql-transport-ws"]) as wire,
    ):
        await wire.send_json({"type": "connection_init"})
        await wire.receive_json()
        for number, ids in wanted.items():
            payload = {"query": QUERY, "variables": {"ids": ids}}
            await wire.send_json({"type": "subscribe", "id": str(number), "payload": payload})
        left = set(wanted)
        while left:
            message = await wire.receive_json()
            if message["type"] == "next":
                seen.note(int(message["id"]), message["payload"])
            else:
                left.remove(int(message["id"]))


def _watching() -> int:
    """Tasks of this loop that watch, or answer a subscription; connections that are kept have others."""
    names = [getattr(task.get_coro(), "__qualname__", "") for task in asyncio.all_tasks()]
    ours = ("Watcher.", "MeshyStreams.", "PixaiEvents.", "BaseGraphQLTransportWSHandler.", "merge_stream")
    return sum(name.startswith(ours) for name in names)


def _files() -> int:
    """Open files of this process, sockets among them."""
    return len(list(Path("/proc/self/fd").iterdir()))


def _memory() -> float:
    """Resident, in MB."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--subscribers", type=int, default=1_000)
    parser.add_argument("--tasks", type=int, default=100)
    given = parser.parse_args()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        sys.exit(runner.run(run(given.seconds, given.subscribers, given.tasks)))
