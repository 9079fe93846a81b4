"""`@listSize` and `@cost`: how many objects a list holds and what a field weighs, for the server and routers.

The server refuses what these make too large, before it runs.
"""

from __future__ import annotations

import strawberry
from strawberry.federation.schema_directives import Cost, ListSize

__all__ = ["assumed", "sliced", "weight"]


def assumed(size: int) -> ListSize:
    """A list that holds about so many, at most or usually."""
    # what is not set is not printed: routers refuse `assumedSize: null`
    return ListSize(
        assumed_size=size,
        slicing_arguments=strawberry.UNSET,
        sized_fields=strawberry.UNSET,
        require_one_slicing_argument=strawberry.UNSET,
    )


def sliced(argument: str, *, default: int, fields: list[str]) -> ListSize:
    """A field whose argument says how many the lists of those names under it hold. default: without it."""
    return ListSize(
        assumed_size=default,
        slicing_arguments=[argument],
        sized_fields=fields,
        require_one_slicing_argument=False,
    )


def weight(units: int) -> Cost:
    """A field that costs as much as so many plain ones."""
    return Cost(weight=units)
