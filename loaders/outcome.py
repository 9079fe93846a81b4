"""What became of one thing that was asked for: its value, None where there is none, or why it is not known.

    Outcome[V] = V | TriptychError | None

A refusal is a value here, so that one key's costs no other key. A bug is not one: it raises.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable
from typing import TypeAlias, TypeVar

from loaders.errors import TriptychError

V = TypeVar("V")

Outcome: TypeAlias = V | TriptychError | None
Outcomes: TypeAlias = dict[str, V | TriptychError]  # by key; an absent key has no entry


async def gather_outcomes(awaitables: Iterable[Awaitable[V]]) -> list[V | TriptychError]:
    """The outcome of each, in order. A bug raises once all of them have ended."""
    awaitables = list(awaitables)
    if len(awaitables) == 1:  # needs no task of its own
        try:
            return [await awaitables[0]]
        except TriptychError as error:
            return [error]
    outcomes: list[V | TriptychError] = []
    for outcome in await asyncio.gather(*awaitables, return_exceptions=True):
        if isinstance(outcome, BaseException) and not isinstance(outcome, TriptychError):
            raise outcome
        outcomes.append(outcome)
    return outcomes
