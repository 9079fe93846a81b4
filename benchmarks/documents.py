"""The body of one aliased document of 25: from a text printed once, and as gql makes it by itself."""

from __future__ import annotations

import orjson
from gql import GraphQLRequest

from benchmarks.measuring import Measured, median
from loaders.pixai.documents import MEDIA, batch

WHAT = "The body of a document for 25 media"
KEYS = [str(459604023097100648 + index) for index in range(25)]


async def measure() -> list[Measured]:
    """Ours, then gql's."""
    text, variables = batch(MEDIA, KEYS).text, batch(MEDIA, KEYS).variable_values

    async def ours() -> None:
        orjson.dumps(batch(MEDIA, KEYS).payload)

    async def parsed_and_printed() -> None:
        orjson.dumps(GraphQLRequest(text, variable_values=variables).payload)

    return [
        Measured(WHAT, "printed once for its size", await median(ours, 200)),
        Measured(WHAT, "parsed and printed again by gql", await median(parsed_and_printed, 50)),
    ]
