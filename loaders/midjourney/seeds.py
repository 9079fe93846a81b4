"""Seeds by task: what image-seed tells of each, remembered; without midjourney-proxy, the prompt's alone."""

from __future__ import annotations

from collections.abc import Iterable

from loaders import retry
from loaders.account import Reader
from loaders.batcher import Batcher
from loaders.breaker import Breaker
from loaders.budget import Budget
from loaders.cache import Cache
from loaders.credentials import Credential
from loaders.midjourney.proxy import seed
from loaders.midjourney.proxy.client import MjProxyClient
from loaders.midjourney.proxy.seed import ImageSeed
from loaders.outcome import Outcomes
from loaders.records import Provider, SeedAnswer

SEEDS_AT_ONCE = 4
SECONDS = 70.0  # the C# server asks Discord for up to 60


def seed_reader(proxy: MjProxyClient, credential: Credential) -> Batcher[SeedAnswer]:
    """One call per task. It has a breaker of its own: a slow Discord is no reason to leave look-ups alone."""
    breaker = Breaker()

    async def fetch(keys: list[str]) -> Outcomes[SeedAnswer]:
        (key,) = keys
        answer = await retry.read(
            lambda: proxy.image_seed(key, credential),
            provider=Provider.MIDJOURNEY,
            breaker=breaker,
            seconds=SECONDS,
        )
        return {key: seed.read(answer)}

    return Batcher(
        fetch,
        provider=Provider.MIDJOURNEY,
        cache=Cache(seed.lifetime),
        chunk=lambda: 1,
        calls_at_once=SEEDS_AT_ONCE,
    )


class PromptSeeds(Reader[SeedAnswer]):
    """Where nobody can be asked: the task's own prompt is all there is."""

    async def get(self, keys: Iterable[str], _budget: Budget) -> Outcomes[SeedAnswer]:
        """The same for every key, without a call."""
        return dict.fromkeys(keys, ImageSeed())

    def invalidate(self, _key: str) -> None:
        """Nothing is remembered."""

    async def close(self) -> None:
        """Nothing is under way."""
