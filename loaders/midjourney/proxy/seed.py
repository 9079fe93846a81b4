"""A task's seed: asked of image-seed, one call per task, and read out of whatever that answers.

    {"code": 1, "result": "1762345891"}            midjourney-proxy, new-api's relay (code 0 or none, too)
    {"id": "173…", "seed": "1762345891"}           a task object; or in its properties
    {"properties": {"finalPrompt": "pig --seed 7"}}   the submitter chose it
Otherwise it is not known; that is no error, unless the server says that looking for it failed (code 9).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from loaders import coerce
from loaders.cache import seed_lifetime
from loaders.errors import Fault
from loaders.midjourney import normalise
from loaders.records import MediaKind, Provider, SeedAnswer, SeedOrigin, SeedRecord, TaskRecord

UNKNOWN_KEPT = 600.0  # seconds; whoever has no seed has none for long, and each call may take a minute

_FAILED = 9
_ACCEPTED = frozenset({None, 0, 1})
_CHOSEN = re.compile(r"(?:^|\s)--seed[\s=]+(\d{1,20})(?!\S)")


@dataclass(frozen=True, slots=True)
class ImageSeed(SeedAnswer):
    """What image-seed told. value: None where it told none. chosen: the `--seed` of the answer's own prompts.

    has_failed: the server could not look; another time it may (Discord did not answer it, for one).
    """

    value: int | None = None
    chosen: int | None = None
    has_failed: bool = False

    @property
    def is_known(self) -> bool:
        """Whether it tells a seed without the task's help."""
        return self.value is not None or self.chosen is not None

    def seeds(self, task: TaskRecord) -> tuple[SeedRecord, ...]:
        """One seed for all stills; falls back to `--seed` in the prompt. Raises Fault where it has failed."""
        value, origin = self.value, SeedOrigin.IMAGE_SEED
        if value is None:
            value, origin = self.chosen, SeedOrigin.PROMPT
        if value is None:
            value = _first_chosen(coerce.mapping(task.raw))
        if value is None and self.has_failed:
            raise Fault(
                "Midjourney failed to find the seed", provider=Provider.MIDJOURNEY, upstream_status=200
            )
        if value is None:
            return ()
        stills = [
            picture
            for picture in task.media
            if picture.details is not None and picture.details.kind is MediaKind.IMAGE
        ]
        return (normalise.seed(task.key, value, origin, stills),)


def read(answer: Mapping[str, Any] | None) -> ImageSeed:
    """answer: image-seed's; None where it knows neither route nor task."""
    told = {} if answer is None else answer
    accepted = coerce.integer(told.get("code")) in _ACCEPTED
    properties = coerce.mapping(told.get("properties"))
    rungs = (
        told.get("result") if accepted else None,
        told.get("seed"),
        properties.get("seed"),
        properties.get("Seed"),
    )
    return ImageSeed(
        value=next(filter(_is_known, map(_digits, rungs)), None),
        chosen=_first_chosen(told),
        has_failed=coerce.integer(told.get("code")) == _FAILED,
    )


def lifetime(answer: SeedAnswer, now: float) -> float:
    """A seed never changes; "unknown" is good for ten minutes, a failure for no time."""
    assert isinstance(answer, ImageSeed)
    if answer.is_known:
        return seed_lifetime(answer, now)
    return 0.0 if answer.has_failed else UNKNOWN_KEPT


def _first_chosen(node: Mapping[str, Any]) -> int | None:
    """The first `--seed` of its prompts, those that Midjourney made first."""
    properties = coerce.mapping(coerce.embedded(node.get("properties")))
    texts = (properties.get("finalPrompt"), node.get("promptEn"), node.get("prompt_en"), node.get("prompt"))
    prompts: Iterable[str] = filter(None, map(coerce.text, texts))
    return next((int(found[1]) for prompt in prompts if (found := _CHOSEN.search(prompt))), None)


def _digits(value: object) -> int | None:
    number = coerce.integer(value)
    return number if number is not None and number >= 0 else None


def _is_known(value: int | None) -> bool:
    return value is not None
