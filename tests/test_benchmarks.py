"""The measurements run; what they show is for `make bench` to say."""

from __future__ import annotations

from benchmarks import documents
from benchmarks.__main__ import MEASUREMENTS


async def test_a_measurement_compares_ways_of_the_same_thing() -> None:
    """Each has a name of its own, the first is what the others are compared with."""
    rows = await documents.measure()

    assert documents.measure in MEASUREMENTS
    assert [row.way for row in rows] == ["printed once for its size", "parsed and printed again by gql"]
    assert len({row.what for row in rows}) == 1
