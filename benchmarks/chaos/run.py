"""One run: the load goes on while one phase after the other begins, ends, and is recovered from."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from random import Random

import aiohttp

from benchmarks.chaos import server, upstreams, world
from benchmarks.chaos.load import LOST, Load
from benchmarks.chaos.phases import Phase
from benchmarks.chaos.server import Gauges
from benchmarks.chaos.tally import Summary, Tally
from benchmarks.chaos.trouble import PROVIDERS, Troubles
from benchmarks.chaos.upstreams import Restartable
from benchmarks.chaos.walks import Walker
from benchmarks.chaos.world import World
from sandbox import Sandbox

RECOVERY = 20.0  # seconds that a source has to be answered from again; a breaker's pause is far below
IN_A_ROW = 3  # good probes that show it
LEAKED_MEMORY = 96.0  # MiB that the process may have grown by: caches fill, the allocator keeps holes
LEAKED_DESCRIPTORS = 48  # connections to the sources are kept for reuse, up to 64 each

PROBE = """query ($id: ID!, $provider: Provider!) {
    task(id: $id) { id }
    tasks(first: 1, filter: { providers: [$provider] }) { nodes { id } missing { code } } }"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of one phase. before, during: upstream calls a second. recovery: seconds; None where it never came; inf
    where it was not waited for.
    """

    name: str
    requests: Summary
    before: float
    during: float
    recovery: float | None


@dataclass(frozen=True, slots=True)
class Report:
    """Of the run. wrong: everything that must not be, a sentence each; walks: whole lists that were read."""

    outcomes: Sequence[Outcome]
    inside: Summary
    outside: Summary
    walks: int
    start: Gauges
    end: Gauges
    wrong: Sequence[str]


async def run(
    phases: Sequence[Phase],
    *,
    seconds: float,
    frontends: int = 8,
    walkers: Sequence[int] = (100, 37),
    say: Callable[[Outcome], None] = lambda _outcome: None,
) -> Report:
    """seconds: how long each fault lasts, and how long it is quiet before. walkers: rows a page of each."""
    async with AsyncExitStack() as opened:
        box, found = await opened.enter_async_context(upstreams.started())
        served = await opened.enter_async_context(server.serving(box))
        timeout = aiohttp.ClientTimeout(total=LOST)
        session = await opened.enter_async_context(aiohttp.ClientSession(timeout=timeout))
        tally = Tally(Troubles())
        known = World(box)
        load = Load(session, served.origin, known, _origins(box), tally)
        walker = Walker(load, known, tally)
        await walker.walk(100)  # in peace: the list is the world's
        start = served.gauges()
        asking = [asyncio.create_task(load.frontend(seed)) for seed in range(frontends)]
        asking += [asyncio.create_task(walker.walk_on(first)) for first in walkers]
        outcomes = []
        try:
            for phase in phases:
                if phase.is_lasting:
                    await walker.walk(100)  # nothing was left behind so far
                outcome = await _through(phase, found[phase.source], load, tally, seconds)
                outcomes.append(outcome)
                say(outcome)
        finally:
            for task in asking:
                task.cancel()
            broken = await asyncio.gather(*asking, return_exceptions=True)
        await walker.walk(100)  # in peace again: nothing was left behind
        await asyncio.sleep(1)
        end = served.gauges()
        wrong = [*tally.wrong, *_bugs(served), *_leaks(start, end), *_unrecovered(outcomes)]
        wrong += [f"the load broke: {one!r}" for one in broken if not isinstance(one, asyncio.CancelledError)]
        wrong += [] if served.is_running else ["the server ended"]
        return Report(outcomes, tally.inside(), tally.outside(), walker.whole, start, end, wrong)


async def _through(phase: Phase, upstream: Restartable, load: Load, tally: Tally, seconds: float) -> Outcome:
    before = await _calls_a_second(upstream, seconds)
    trouble = tally.troubles.begin(phase.source)
    await phase.begin(upstream)
    during = await _calls_a_second(upstream, phase.lasts(seconds))
    await phase.end(upstream)
    if phase.is_lasting:
        return Outcome(phase.name, tally.within(trouble), before, during, math.inf)
    recovery = await _recovered(load, PROVIDERS[phase.source])
    trouble.ended = time.monotonic()
    return Outcome(phase.name, tally.within(trouble), before, during, recovery)


async def _calls_a_second(upstream: Restartable, seconds: float) -> float:
    asked = upstream.asked
    await asyncio.sleep(seconds)
    return (upstream.asked - asked) / seconds


async def _recovered(load: Load, provider: str) -> float | None:
    """Seconds until look-ups, lists and seeds of it were answered again, several times in a row."""
    random = Random()
    start = time.monotonic()
    row = 0
    while time.monotonic() - start < RECOVERY:
        variables = {"id": world.unknown(random, provider), "provider": provider}
        answer = await load.ask(PROBE, variables)
        is_good = answer is not None and "errors" not in answer and not answer["data"]["tasks"]["missing"]
        row = row + 1 if is_good and await load.has_seed(provider) else 0
        if row == IN_A_ROW:
            return time.monotonic() - start
        await asyncio.sleep(0.1)
    return None


def _origins(box: Sandbox) -> dict[str, str]:
    # what the proxy shows comes from it, what new-api lists through itself
    return {"PIXAI": box.pixai.url, "MESHY": box.meshy.url, "MIDJOURNEY": "http://127.0.0.1:"}


def _bugs(served: server.Server) -> list[str]:
    return [f"logged: {line['event']}" for line in served.logged() if line["level"] == "ERROR"]


def _leaks(start: Gauges, end: Gauges) -> list[str]:
    found = []
    if end.memory - start.memory > LEAKED_MEMORY:
        found.append(f"memory leaked: {start.memory:.0f} MiB before, {end.memory:.0f} after")
    if end.descriptors - start.descriptors > LEAKED_DESCRIPTORS:
        found.append(f"descriptors leaked: {start.descriptors} before, {end.descriptors} after")
    return found


def _unrecovered(outcomes: Sequence[Outcome]) -> list[str]:
    return [
        f"{one.name}: not answered again after {RECOVERY:g} s" for one in outcomes if one.recovery is None
    ]
