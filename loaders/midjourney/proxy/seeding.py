"""Asks midjourney-proxy for seeds: one call a task, once for ever. Without it, the prompt may tell."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from loaders import coerce, retry
from loaders.batcher import Batcher
from loaders.breaker import Breaker
from loaders.cache import Cache, seed_lifetime
from loaders.credentials import Credential
from loaders.errors import Fault
from loaders.midjourney import normalise
from loaders.midjourney.proxy import seed
from loaders.midjourney.proxy.client import MjProxyClient
from loaders.midjourney.proxy.seed import Found
from loaders.records import MediaKind, Provider, SeedRecord, TaskRecord

SEEDS_AT_ONCE = 4
SECONDS = 70.0  # the C# server asks Discord for up to 60
UNKNOWN_KEPT = 600.0  # seconds; whoever has no seed has none for long, and each call may take a minute

Seen = Found | None


class Seeding:
    """Finds the seeds of tasks. seconds: for finding the task; the seed has SECONDS of its own."""

    def __init__(
        self, proxy: MjProxyClient | None, credential: Credential, tasks: Batcher[TaskRecord], seconds: float
    ) -> None:
        self._proxy = proxy
        self._credential = credential
        self._tasks = tasks
        self._seconds = seconds
        self._breaker = Breaker()  # a slow Discord is no reason to leave the look-ups alone
        self._found: Cache[tuple[Seen]] = Cache(_lifetime)

    async def fetch(self, keys: list[str]) -> dict[str, tuple[SeedRecord, ...] | Exception]:
        """The seeds of each task, () where it has none; an unknown task is absent.

        Raises SourceError where the source could not say, unless the prompt does.
        """
        deadline = asyncio.get_running_loop().time() + self._seconds
        tasks = await self._tasks.get(keys, deadline)
        found: dict[str, tuple[SeedRecord, ...] | Exception] = {}
        for key, task in tasks.items():
            found[key] = task if isinstance(task, Exception) else await self._of(task)
        return found

    async def _of(self, task: TaskRecord) -> tuple[SeedRecord, ...]:
        if task.seeds is not None:
            return task.seeds
        kept = self._found.get(task.key)
        if kept is None:
            answer = await self._ask(task.key)
            kept = (seed.read(answer, coerce.mapping(task.raw)),)
            if kept[0] is None and seed.has_failed(answer):
                raise Fault(
                    "Midjourney failed to find the seed", provider=Provider.MIDJOURNEY, upstream_status=200
                )
            self._found.put(task.key, kept)
        if kept[0] is None:
            return ()
        stills = [
            picture
            for picture in task.media
            if picture.details is not None and picture.details.kind is MediaKind.IMAGE
        ]
        return (normalise.seed(task.key, kept[0].value, kept[0].origin, stills),)

    async def _ask(self, key: str) -> Mapping[str, object] | None:
        proxy = self._proxy
        if proxy is None:
            return None
        return await retry.read(
            lambda: proxy.image_seed(key, self._credential),
            provider=Provider.MIDJOURNEY,
            breaker=self._breaker,
            seconds=SECONDS,
        )


def _lifetime(found: tuple[Seen], now: float) -> float:
    return UNKNOWN_KEPT if found[0] is None else seed_lifetime(found, now)
