"""Many look-ups beside each other: what is remembered, whose turn it is, what is left behind."""

from __future__ import annotations

import asyncio
import gc

import pytest

from loaders.batcher import Batcher
from loaders.budget import Budget, Limits
from loaders.cache import Cache
from loaders.errors import LimitExceeded, Throttled, Unreachable
from loaders.observer import Observer
from loaders.outcome import Outcomes
from loaders.pace import Pace
from loaders.records import Provider
from tests.loaders.batching import Source, batcher, soon


async def test_absence_is_remembered_for_a_while() -> None:
    """The next page of a list asks for the same absent key; a list that brings it after all is believed."""
    source = Source()
    one = batcher(source)

    assert [await one.get(["absent"], soon()) for _ in range(3)] == [{}, {}, {}]
    assert source.calls == [["absent"]]

    one.prime({"absent": "here now"})
    assert await one.get(["absent"], soon()) == {"absent": "here now"}
    one.invalidate("absent")
    await one.get(["absent"], soon())
    assert source.calls == [["absent"], ["absent"]]


async def test_a_list_does_not_bring_back_what_was_before_a_change() -> None:
    """It may have been asked before; other keys of it are kept."""
    source = Source()
    one = batcher(source)

    one.invalidate("a")
    one.prime({"a": "before the change"})
    one.prime({"b": "as ever"})

    assert await one.get(["a", "b"], soon()) == {"a": "A", "b": "as ever"}
    assert source.calls == [["a"]]


async def test_what_is_in_flight_when_its_key_is_invalidated_is_not_kept() -> None:
    """Who waits for it still gets it; who comes later asks anew, and gets what came last."""
    answers = iter(["before the change", "after it"])
    gates = [asyncio.Event(), asyncio.Event()]
    calls: list[int] = []

    async def fetch(_keys: list[str]) -> Outcomes[str]:
        answer, gate = next(answers), gates[len(calls)]
        calls.append(1)
        await gate.wait()
        return {"a": answer}

    one: Batcher[str] = Batcher(
        fetch, provider=Provider.PIXAI, cache=Cache(lambda _value, _now: 60), chunk=lambda: 3
    )
    early = asyncio.create_task(one.get(["a"], soon()))
    await asyncio.sleep(0.01)

    one.invalidate("a")
    late = asyncio.create_task(one.get(["a"], soon()))
    await asyncio.sleep(0.01)
    gates[1].set()
    assert await late == {"a": "after it"}
    gates[0].set()

    assert await early == {"a": "before the change"}
    assert await one.get(["a"], soon()) == {"a": "after it"}
    assert len(calls) == 2


async def test_large_requests_take_turns() -> None:
    """Twenty keys beside two hundred: the last of the twenty is the fortieth at most."""
    source = Source()
    one = batcher(source, chunk=1, calls_at_once=2)

    many = asyncio.create_task(one.get([f"many {number}" for number in range(200)], soon()))
    await asyncio.sleep(0)
    few = asyncio.create_task(one.get([f"few {number}" for number in range(20)], soon()))
    await few
    await many

    order = [call[0] for call in source.calls]
    assert max(order.index(f"few {number}") for number in range(20)) < 44


async def test_many_small_requests_take_turns_for_small_places() -> None:
    """One key passes those of requests that have several left."""
    source = Source()
    source.open.clear()
    one = batcher(source, chunk=2, calls_at_once=1)
    first = [asyncio.create_task(one.get([f"{name}1", f"{name}2"], soon())) for name in "abcd"]
    await asyncio.sleep(0.01)
    last = asyncio.create_task(one.get(["z"], soon()))
    await asyncio.sleep(0.01)
    source.open.set()

    await asyncio.gather(*first, last)

    assert [sorted(call) for call in source.calls] == [
        ["a1", "a2"], ["b1", "b2"], ["c1", "c2"], ["d1", "d2"], ["z"]
    ]  # fmt: skip


async def test_what_nobody_waits_for_any_more_is_not_sent() -> None:
    """A hundred keys of a caller who has left: the two that were sent, and no other."""
    source = Source()
    source.open.clear()
    one = batcher(source, chunk=1, calls_at_once=2)
    leaving = asyncio.create_task(one.get([f"k{number}" for number in range(100)], soon()))
    await asyncio.sleep(0.01)
    staying = asyncio.create_task(one.get(["k50"], soon()))
    await asyncio.sleep(0.01)

    leaving.cancel()
    await asyncio.sleep(0.01)
    source.open.set()

    assert await staying == {"k50": "K50"}
    assert await one.get(["k99"], soon()) == {"k99": "K99"}
    assert source.calls == [["k0"], ["k1"], ["k50"], ["k99"]]


async def test_what_cannot_be_sent_in_time_is_refused_at_once() -> None:
    """A thousand keys at a hundred a second, half a second left: the first fifty wait, the others do not."""
    source = Source()
    one = batcher(source, chunk=1, pace=Pace(100, 1))

    found = await one.get([f"k{number}" for number in range(1000)], soon(0.5))

    refused = [error for error in found.values() if isinstance(error, Throttled)]
    assert 945 <= len(refused) <= 955
    assert {round(error.retry_after or 0, 1) for error in refused} == {9.5}
    assert len(source.calls) == 1000 - len(refused)


async def test_a_budget_that_is_spent_leaves_nothing_behind() -> None:
    """The next operation asks for the same keys."""
    source = Source()
    one = batcher(source, chunk=1)
    tight = Budget.starting_now(5, Limits(calls=2))

    with pytest.raises(LimitExceeded):
        await one.get(["a", "b", "c"], tight)

    assert await one.get(["a"], soon()) == {"a": "A"}
    assert source.calls == [["a"]]


async def test_after_closing_a_look_up_gets_its_error() -> None:
    """It neither hangs nor asks."""
    source = Source()
    one = batcher(source)
    await one.get(["a"], soon())

    await one.close()

    found = await one.get(["a", "b"], soon())
    assert [type(value) for value in found.values()] == [Unreachable, Unreachable]
    assert len(source.calls) == 1


async def test_a_fetch_that_is_cancelled_frees_its_keys() -> None:
    """Its waiters get an error, and the next look-up asks again."""
    calls: list[list[str]] = []

    async def fetch(keys: list[str]) -> Outcomes[str]:
        calls.append(keys)
        if len(calls) == 1:
            raise asyncio.CancelledError
        return {"a": "A"}

    one: Batcher[str] = Batcher(
        fetch, provider=Provider.PIXAI, cache=Cache(lambda _value, _now: 1), chunk=lambda: 3
    )

    assert [type(value) for value in (await one.get(["a"], soon())).values()] == [Unreachable]
    assert await one.get(["a"], soon()) == {"a": "A"}


async def test_a_bug_that_nobody_waits_for_any_more_is_not_reported_as_never_retrieved() -> None:
    """Whoever left has gone; the next one gets it himself."""
    told: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: told.append(context))
    gate = asyncio.Event()

    async def fetch(_keys: list[str]) -> Outcomes[str]:
        await gate.wait()
        raise ZeroDivisionError("a bug")

    one: Batcher[str] = Batcher(
        fetch, provider=Provider.PIXAI, cache=Cache(lambda _value, _now: 1), chunk=lambda: 3
    )
    leaving = asyncio.create_task(one.get(["a"], soon()))
    await asyncio.sleep(0.01)
    leaving.cancel()
    await asyncio.sleep(0)
    gate.set()
    await asyncio.sleep(0.01)
    gc.collect()

    assert told == []
    with pytest.raises(ZeroDivisionError):
        await one.get(["a"], soon())


async def test_an_observer_hears_what_was_shared_and_what_was_remembered() -> None:
    """Keys, not calls."""
    heard: list[tuple[str, int]] = []

    class Hearing(Observer):
        def fetch_shared(self, provider: Provider, keys: int) -> None:
            heard.append(("shared", keys))

        def cache_hit(self, provider: Provider, keys: int) -> None:
            heard.append(("hit", keys))

    source = Source()
    source.open.clear()
    one = batcher(source, observer=Hearing())
    first = asyncio.create_task(one.get(["a", "b"], soon()))
    second = asyncio.create_task(one.get(["b", "a"], soon()))
    await asyncio.sleep(0.01)
    source.open.set()
    await asyncio.gather(first, second)

    await one.get(["a", "b"], soon())

    assert heard == [("shared", 2), ("hit", 2)]


async def test_what_a_stream_tells_is_kept_instead_of_what_is_under_way_or_listed() -> None:
    """It is newer than both; whoever asked before still gets what was fetched for him."""
    source = Source()
    source.open.clear()
    one = batcher(source)
    waiting = asyncio.create_task(one.get(["a"], soon()))
    await asyncio.sleep(0.01)

    one.renew("a", "told")
    one.prime({"a": "listed before"})
    source.open.set()

    assert await waiting == {"a": "A"}
    assert await one.get(["a"], soon()) == {"a": "told"}
    assert source.calls == [["a"]]
