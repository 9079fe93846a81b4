"""A seed out of whatever image-seed answers, rung by rung.

    {"code": 1, "result": "1762345891"}            midjourney-proxy, new-api's relay (code 0 or none, too)
    {"id": "173…", "seed": "1762345891"}           a task object; or in its properties
    {"properties": {"finalPrompt": "pig --seed 7"}}   the submitter chose it
Elsewise it is not known; that is no error, unless the server says that looking for it failed (code 9).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from loaders import coerce
from loaders.records import SeedOrigin

_FAILED = 9
_ACCEPTED = frozenset({None, 0, 1})
_CHOSEN = re.compile(r"(?:^|\s)--seed[\s=]+(\d{1,20})(?!\S)")


class Found(NamedTuple):
    """A seed, and where it was read."""

    value: int
    origin: SeedOrigin


def read(answer: Mapping[str, Any] | None, task: Mapping[str, Any]) -> Found | None:
    """The seed; None where nobody knows. answer: image-seed's, None where it knows neither route nor task.

    task: the task as its source sent it, a row or an object.
    """
    told = {} if answer is None else answer
    value = _reported(told)
    if value is not None:
        return Found(value, SeedOrigin.IMAGE_SEED)
    value = next(filter(_known, map(_chosen, [*prompts(told), *prompts(task)])), None)
    return None if value is None else Found(value, SeedOrigin.PROMPT)


def has_failed(answer: Mapping[str, Any] | None) -> bool:
    """Whether the server could not look: Discord did not answer it, for one. Another time it may."""
    return answer is not None and coerce.integer(answer.get("code")) == _FAILED


def prompts(node: Mapping[str, Any]) -> Iterable[str]:
    """The texts that may hold a `--seed`, what Midjourney made of them first."""
    properties = coerce.mapping(coerce.embedded(node.get("properties")))
    texts = (properties.get("finalPrompt"), node.get("promptEn"), node.get("prompt_en"), node.get("prompt"))
    return filter(None, map(coerce.text, texts))


def _reported(told: Mapping[str, Any]) -> int | None:
    accepted = coerce.integer(told.get("code")) in _ACCEPTED
    properties = coerce.mapping(told.get("properties"))
    rungs = (
        told.get("result") if accepted else None,
        told.get("seed"),
        properties.get("seed"),
        properties.get("Seed"),
    )
    return next(filter(_known, map(_digits, rungs)), None)


def _digits(value: object) -> int | None:
    number = coerce.integer(value)
    return number if number is not None and number >= 0 else None


def _chosen(prompt: str) -> int | None:
    found = _CHOSEN.search(prompt)
    return None if found is None else int(found[1])


def _known(value: int | None) -> bool:
    return value is not None
