"""From ids to the sources that own them, and back into the order that was asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from loaders import ids
from loaders.errors import LimitExceeded
from loaders.ids import GlobalId, Kind
from resolvers.context import Operation

T = TypeVar("T")

MAX_IDS = 10_000
MAX_IDS_OF_AN_OPERATION = 20_000  # 30 aliases of 10,000 ids each would be an answer of 100 MB


async def each(
    context: Operation,
    texts: Sequence[str],
    expected: Kind | None,
    load: Callable[[GlobalId], Awaitable[T]],
) -> list[T | Exception]:
    """One answer an id, in the order asked; what fails, fails its own item: the exception stands there.

    Raises LimitExceeded for more ids than one list, or one operation with all its aliases, may hold.
    """
    context.ids += len(texts)
    if len(texts) > MAX_IDS or context.ids > MAX_IDS_OF_AN_OPERATION:
        raise LimitExceeded(
            f"at most {MAX_IDS} ids in a list and {MAX_IDS_OF_AN_OPERATION} in an operation; "
            f"these are {len(texts)} of {context.ids}"
        )
    # all loads start before the first is awaited, so that they meet in the same batch
    started: list[Awaitable[T] | Exception] = []
    for text in texts:
        try:
            started.append(load(ids.parse(text, expected)))
        except Exception as error:  # this item's own; the graph shows or logs it
            started.append(error)
    waiting = [item for item in started if not isinstance(item, Exception)]
    done = iter(await asyncio.gather(*waiting, return_exceptions=True))
    return [item if isinstance(item, Exception) else _not_cancelled(next(done)) for item in started]


def _not_cancelled(outcome: T | BaseException) -> T | Exception:
    if isinstance(outcome, BaseException) and not isinstance(outcome, Exception):
        raise outcome
    return outcome
