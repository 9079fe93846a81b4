"""What a look-up came to: a value, None (there is no such thing), or an error that the graph can show."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable
from typing import TypeAlias, TypeVar

from loaders.errors import TriptychError

V = TypeVar("V")

Outcome: TypeAlias = V | TriptychError | None


async def gather_outcomes(awaitables: Iterable[Awaitable[Outcome[V]]]) -> list[Outcome[V]]:
    """What each came to, in their order.

    Any other exception is a bug: the first is raised, once all are done.
    """
    outcomes: list[Outcome[V]] = []
    for found in await asyncio.gather(*awaitables, return_exceptions=True):
        if isinstance(found, BaseException) and not isinstance(found, TriptychError):
            raise found
        outcomes.append(found)
    return outcomes
