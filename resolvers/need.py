"""What a value still waits for: one key of one loader, and what is made of it.

    task(id: "pixai:1")        Need("task", PIXAI, "1")
    seed(id: "midjourney:1")   Need("task", MIDJOURNEY, "1", then=…) -> Need("seeds", MIDJOURNEY, "1", then=…)

Resolvers say what they need and never wait: whoever executes a query collects the needs of a whole wave,
loads them together and goes on with what became of them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, TypeAlias

from loaders.record import record
from loaders.records import Provider

LoaderName: TypeAlias = Literal["task", "media", "seeds"]


@record
class Need:
    """loader: which of the provider's; one that it does not have loads None.

    then: loaded -> the value, or one Need more; None: what was loaded is the value.
    """

    loader: LoaderName
    provider: Provider
    key: str
    then: Callable[[Any], Any] | None = None
