"""A task's seed: asked of image-seed, one call per task, and read out of whatever that answers.

    {"code": 1, "result": "1762345891"}               a submit result; new-api's relay has code 0, or none
    {"id": "173…", "seed": "1762345891"}              a task object; or in its properties
    {"properties": {"finalPrompt": "pig --seed 7"}}   the submitter chose it
Otherwise it is not known; that is no error, unless the server says that looking for it failed (code 9).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from loaders import coerce, retry
from loaders.batcher import Batcher
from loaders.breaker import Breaker
from loaders.cache import Cache, seed_lifetime
from loaders.credentials import Credential
from loaders.errors import Fault
from loaders.midjourney import normalise
from loaders.midjourney.proxy.client import MjProxyClient
from loaders.outcome import Outcomes
from loaders.records import Provider, SeedAnswer, SeedOrigin, SeedRecord, TaskRecord

CALLS_AT_ONCE = 4  # each may take a minute of the server's
SECONDS = 70.0  # one fetch, retries included: the C# server asks Discord for up to 60
UNKNOWN_KEPT = 600.0  # seconds; whoever has no seed has none for long

_FAILED = 9
_ACCEPTED = frozenset({None, 0, 1})


@dataclass(frozen=True, slots=True)
class ImageSeed(SeedAnswer):
    """What image-seed answered.

    value: None where it has none. chosen: the `--seed` of the answer's own prompts. has_failed: the server
    could not look, and may another time (because Discord did not answer it, for example).
    """

    value: int | None = None
    chosen: int | None = None
    has_failed: bool = False

    def seeds(self, task: TaskRecord) -> tuple[SeedRecord, ...]:
        """One seed for all stills; falls back to `--seed` in the prompt. Raises Fault where it has failed."""
        value, origin = self.value, SeedOrigin.IMAGE_SEED
        if value is None:
            value, origin = self.chosen, SeedOrigin.PROMPT
        if value is None:
            value = normalise.chosen_seed(coerce.mapping(task.raw))
        if value is not None:
            return (normalise.seed(task.key, value, origin, task.media),)
        if self.has_failed:
            said = "Midjourney failed to find the seed"
            raise Fault(said, provider=Provider.MIDJOURNEY, upstream_status=200)
        return ()


def read(answer: Mapping[str, Any] | None) -> ImageSeed:
    """answer: image-seed's; None where the server knows neither route nor task."""
    fields = {} if answer is None else answer
    code = coerce.integer(fields.get("code"))
    properties = coerce.mapping(fields.get("properties"))
    candidates = (
        fields.get("result") if code in _ACCEPTED else None,
        fields.get("seed"),
        properties.get("seed"),
        properties.get("Seed"),
    )
    numbers = map(coerce.integer, candidates)
    return ImageSeed(
        value=next((number for number in numbers if number is not None and number >= 0), None),
        chosen=normalise.chosen_seed(fields),
        has_failed=code == _FAILED,
    )


def lifetime(answer: SeedAnswer, now: float) -> float:
    """A seed never changes; "unknown" is good for ten minutes, a failure for no time."""
    assert isinstance(answer, ImageSeed)
    if answer.value is not None or answer.chosen is not None:
        return seed_lifetime(answer, now)
    return 0.0 if answer.has_failed else UNKNOWN_KEPT


def seed_reader(client: MjProxyClient, credential: Credential) -> Batcher[SeedAnswer]:
    """Asks image-seed, one call per task.

    It has a breaker and a time limit of its own: a slow Discord is no reason to leave look-ups alone. A call
    may be silent for a minute and still be answered; it outlives the request that asked, and fills the cache
    for the next.
    """
    breaker = Breaker(partial(client.observer.breaker_moved, Provider.MIDJOURNEY))

    async def fetch(keys: list[str]) -> Outcomes[SeedAnswer]:
        (key,) = keys
        answer = await retry.read(
            lambda: client.image_seed(key, credential),
            provider=Provider.MIDJOURNEY,
            breaker=breaker,
            seconds=SECONDS,
            observer=client.observer,
            outlasts_silence=True,
        )
        return {key: read(answer)}

    return Batcher(
        fetch,
        provider=Provider.MIDJOURNEY,
        cache=Cache(lifetime),
        chunk=lambda: 1,
        calls_at_once=CALLS_AT_ONCE,
        observer=client.observer,
    )
