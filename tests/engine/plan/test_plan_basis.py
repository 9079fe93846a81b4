"""What an answer was read from, and whether it is still so."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from engine.plan import basis
from engine.plan.basis import Basis
from loaders.account import Reader
from loaders.budget import Budget
from loaders.cache import Cache, Kept, Memory
from loaders.outcome import Outcomes


class Keeping(Reader[object]):
    """Keeps what it is given for as many seconds, and counts its hits."""

    def __init__(self, clock: float = 0.0, **seconds: float) -> None:
        self.hits = 0
        self.cache: Cache[object] = Cache(
            lambda value, _now: seconds[str(value)], clock=lambda: clock, memory=Memory()
        )
        for value in seconds:
            self.cache.put(value, value)

    async def get(self, keys: Iterable[str], _budget: Budget) -> Outcomes[object]:
        return {key: kept.value for key in keys if (kept := self.kept(key)) is not None}

    def kept(self, key: str, /) -> Kept[object] | None:
        return self.cache.kept(key)

    def hit(self, keys: int, /) -> None:
        self.hits += keys

    def invalidate(self, key: str) -> None:
        self.cache.drop(key)

    async def close(self) -> None:
        self.cache.clear()


def test_a_basis_ends_with_the_first_of_its_values() -> None:
    """Of all readers; it is whole until one of them lets go of a value."""
    one, other = Keeping(a=60, b=40), Keeping(c=50)
    found = basis.of([(one, {"a": "a", "b": "b"}), (other, {"c": "c"})])

    assert found is not None
    assert (found.end, found.is_whole) == (40, True)
    found.hit()
    assert (one.hits, other.hits) == (2, 1)
    other.invalidate("c")
    assert not found.is_whole


@pytest.mark.parametrize(
    ("key", "value"),
    [("none", None), ("b", None), ("b", "an older b"), ("over", "over")],
    ids=["absent", "there since", "replaced since", "over"],
)
def test_what_is_not_kept_as_it_was_shown_has_no_basis(key: str, value: object) -> None:
    """A value that came beside the cache may differ from the one in it."""
    reader = Keeping(a=60, b=60, over=0)

    assert basis.of([(reader, {"a": "a", key: value})]) is None


def test_what_was_not_loaded_is_so_for_ever() -> None:
    """`{ __typename }`."""
    assert basis.of([]) == Basis((), ())
    assert (Basis((), ()).end, Basis((), ()).is_whole) == (float("inf"), True)
