"""Frontends that ask for everything all the time, and hold each answer against the world."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from random import Random
from typing import Any

import aiohttp

from benchmarks.chaos import world
from benchmarks.chaos.judging import OneOf, Refusal, Startswith, Verdict, judge
from benchmarks.chaos.server import DEADLINE
from benchmarks.chaos.tally import Tally
from benchmarks.chaos.world import PROVIDERS, Task, World

LOST = DEADLINE + 5.0  # seconds after which an answer is lost
REST = 0.05  # seconds between two requests of one frontend
MALFORMED = ("task:pixai", "media:pixai:1", "task:dalle:1", "", "task:midjourney:", "x" * 2000)

TASKS = "query ($ids: [ID!]!) { tasksById(ids: $ids) { id provider status createdAt media { id } } }"
SEEDS = "query ($ids: [ID!]!) { tasksById(ids: $ids) { id seeds { value } } }"
MEDIA = "query ($ids: [ID!]!) { mediaById(ids: $ids) { id width height url } }"


class Load:
    """What the frontends share. origins: where each provider's files are."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        origin: str,
        known: World,
        origins: Mapping[str, str],
        tally: Tally,
    ) -> None:
        self._session = session
        self._origin = origin
        self._known = known
        self._origins = origins
        self._tally = tally
        self._unasked = {provider: self._with_seeds(provider) for provider in ("PIXAI", "MIDJOURNEY")}

    async def frontend(self, seed: int) -> None:
        """Asks until it is cancelled; what it asks depends on the seed alone."""
        random = Random(seed)
        ways = (self._tasks, self._tasks, self._media, self._media, self._seeds, self._malformed)
        while True:
            await random.choice([*ways, self._permalink, self._permalink])(random)
            await asyncio.sleep(REST)

    async def _tasks(self, random: Random) -> None:
        """Some that exist and one that does not, of each source."""
        wanted: list[Task | None] = []
        ids: list[str] = []
        for provider in PROVIDERS:
            some = random.sample(self._known.tasks[provider], 3)
            wanted += [*some, None]
            ids += [*(task.id for task in some), world.unknown(random, provider)]
        expected = [task.shown() if task else None for task in wanted]
        await self._judged("tasks", TASKS, {"ids": ids}, {"tasksById": expected})

    async def _media(self, random: Random) -> None:
        found = [
            (provider, picture)
            for provider in PROVIDERS
            for picture in random.sample(self._known.pictures[provider], 4)
        ]
        expected = [
            {
                "id": picture.id,
                "width": OneOf(picture.widths),
                "height": OneOf(picture.heights),
                "url": Startswith(self._origins[provider]),
            }
            for provider, picture in found
        ]
        ids = [picture.id for _, picture in found]
        await self._judged("media", MEDIA, {"ids": ids}, {"mediaById": expected})

    async def _seeds(self, random: Random) -> None:
        some = [self._take(provider, random) for provider in ("PIXAI", "PIXAI", "MIDJOURNEY")]
        expected = [{"id": task.id, "seeds": [{"value": seed} for seed in task.seeds or ()]} for task in some]
        await self._judged("seeds", SEEDS, {"ids": [task.id for task in some]}, {"tasksById": expected})

    async def _malformed(self, random: Random) -> None:
        """Each is refused by itself; the good one between them is not."""
        good = random.choice(self._known.tasks[random.choice(PROVIDERS)])
        ids = [*random.sample(MALFORMED, 2), good.id]
        expected = [Refusal("INVALID_ID"), Refusal("INVALID_ID"), good.shown()]
        await self._judged("bad ids", TASKS, {"ids": ids}, {"tasksById": expected})

    async def _permalink(self, random: Random) -> None:
        provider = random.choice(PROVIDERS)
        picture = random.choice(self._known.pictures[provider])
        start = time.monotonic()
        verdict = Verdict()
        url = f"{self._origin}/media/{picture.id}"
        try:
            async with self._session.get(url, allow_redirects=False) as response:
                location = response.headers.get("Location", "")
                if response.status != 302:
                    errors = (await response.json()).get("errors", [])
                    answer = {"data": {"link": None}, "errors": [{**one, "path": ["link"]} for one in errors]}
                else:
                    answer = {"data": {"link": location}}
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            verdict.wrong.append(f"lost: {error!r}")
        else:
            blamable = self._tally.troubles.during(start, time.monotonic())
            verdict = judge({"link": Startswith(self._origins[provider])}, answer, blamable)
        self._tally.note("permalinks", start, verdict)

    async def _judged(
        self, kind: str, query: str, variables: Mapping[str, object], expected: Mapping[str, Any]
    ) -> None:
        start = time.monotonic()
        answer = await self.ask(query, variables)
        if answer is None:
            verdict = Verdict(wrong=["lost"])
        else:
            verdict = judge(expected, answer, self._tally.troubles.during(start, time.monotonic()))
        self._tally.note(kind, start, verdict)

    async def ask(self, query: str, variables: Mapping[str, object]) -> dict[str, Any] | None:
        """The answer; None where there is none."""
        body = {"query": query, "variables": variables}
        try:
            async with self._session.post(f"{self._origin}/graphql", json=body) as response:
                answer: dict[str, Any] = await response.json()
                return answer if response.status == 200 else None
        except (aiohttp.ClientError, TimeoutError, ValueError):
            return None

    async def has_seed(self, provider: str) -> bool:
        """Whether image-seed answers; a source that is not asked for seeds has none to wait for."""
        if provider != "MIDJOURNEY":
            return True
        task = self._take("MIDJOURNEY", Random())
        answer = await self.ask(SEEDS, {"ids": [task.id]})
        return answer is not None and "errors" not in answer

    def _take(self, provider: str, random: Random) -> Task:
        # Midjourney's are asked of it one by one, and remembered for ever: every request takes another
        left = self._unasked[provider] = self._unasked[provider] or self._with_seeds(provider)
        return left.pop(random.randrange(len(left)))

    def _with_seeds(self, provider: str) -> list[Task]:
        return [task for task in self._known.tasks[provider] if task.seeds]
