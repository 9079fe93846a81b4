"""Many look-ups, few calls: sharing, joining, chunking, deadlines."""

from __future__ import annotations

import asyncio
import gc

import pytest

from loaders.batcher import Batcher
from loaders.budget import Budget, Limits
from loaders.cache import Cache
from loaders.errors import Fault, LimitExceeded, Throttled, TimedOut, Unreachable
from loaders.observer import SILENT, Observer
from loaders.outcome import Outcomes
from loaders.pace import Pace
from loaders.records import Provider


class Source:
    """Answers `key` with `key.upper()`; knows no "absent"; fails "ill"; remembers every call."""

    def __init__(self) -> None:
        self.calls: list[list[str]] = []
        self.open = asyncio.Event()
        self.open.set()

    async def fetch(self, keys: list[str]) -> Outcomes[str]:
        """As a source's batch call does."""
        self.calls.append(keys)
        await self.open.wait()
        if "down" in keys:
            raise Fault("down", provider=Provider.PIXAI)
        answers: Outcomes[str] = {key: key.upper() for key in keys if key != "absent"}
        if "ill" in keys:
            answers["ill"] = Fault("ill", provider=Provider.PIXAI)
        return answers


def batcher(
    source: Source,
    chunk: int = 3,
    lifetime: float = 60,
    calls_at_once: int = 8,
    pace: Pace | None = None,
    observer: Observer = SILENT,
) -> Batcher[str]:
    cache: Cache[str] = Cache(lambda _value, _now: lifetime)
    return Batcher(
        source.fetch,
        provider=Provider.PIXAI,
        cache=cache,
        chunk=lambda: chunk,
        calls_at_once=calls_at_once,
        pace=pace,
        observer=observer,
    )


def soon(seconds: float = 5) -> Budget:
    """Of an operation of its own."""
    return Budget.starting_now(seconds)


async def test_keys_are_chunked_and_absent_ones_are_absent() -> None:
    """Seven keys at three a call; a duplicate is one key."""
    source = Source()

    found = await batcher(source).get(["a", "b", "a", "c", "d", "absent", "e", "f"], soon())

    assert found == {"a": "A", "b": "B", "c": "C", "d": "D", "e": "E", "f": "F"}
    assert source.calls == [["a", "b", "c"], ["d", "absent", "e"], ["f"]]


async def test_few_keys_of_one_tick_share_a_call() -> None:
    """Three requests, one key each; one of them asks for what another asks too."""
    source = Source()
    one = batcher(source)

    found = await asyncio.gather(*(one.get([key], soon()) for key in ("a", "b", "a")))

    assert found == [{"a": "A"}, {"b": "B"}, {"a": "A"}]
    assert source.calls == [["a", "b"]]


async def test_while_every_place_is_taken_later_keys_join_those_that_wait() -> None:
    """Twenty requests of one key each, one after another, two calls at a time: four calls, not twenty."""
    source = Source()
    source.open.clear()
    one = batcher(source, chunk=10, calls_at_once=2)
    waiting = []
    for number in range(20):
        waiting.append(asyncio.create_task(one.get([f"k{number}"], soon())))
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    source.open.set()
    found = await asyncio.gather(*waiting)

    assert [list(answer.values()) for answer in found] == [[f"K{number}"] for number in range(20)]
    assert len(source.calls) <= 4


async def test_a_small_request_does_not_wait_for_a_large_one() -> None:
    """A hundred keys fill their own places; one key has a place left."""
    source = Source()
    source.open.clear()
    one = batcher(source, chunk=10, calls_at_once=2)
    large = asyncio.create_task(one.get([f"k{number}" for number in range(100)], soon()))
    await asyncio.sleep(0.01)
    assert [len(call) for call in source.calls] == [10, 10]

    small = asyncio.create_task(one.get(["a"], soon()))
    await asyncio.sleep(0.01)

    assert source.calls[2:] == [["a"]]
    source.open.set()
    assert await small == {"a": "A"}
    assert len(await large) == 100


async def test_a_key_in_flight_is_not_fetched_again() -> None:
    """Whoever asks while the call is under way waits for it."""
    source = Source()
    source.open.clear()
    one = batcher(source, lifetime=0)
    first = asyncio.create_task(one.get(["a"], soon()))
    await asyncio.sleep(0.01)
    second = asyncio.create_task(one.get(["a"], soon()))
    await asyncio.sleep(0.01)

    source.open.set()

    assert await first == await second == {"a": "A"}
    assert source.calls == [["a"]]


async def test_one_that_leaves_cancels_nobody() -> None:
    """The fetch belongs to no request."""
    source = Source()
    source.open.clear()
    one = batcher(source)
    leaving, staying = (asyncio.create_task(one.get(["a"], soon())) for _ in range(2))
    await asyncio.sleep(0.01)

    leaving.cancel()
    source.open.set()

    assert await staying == {"a": "A"}
    assert source.calls == [["a"]]


async def test_each_waiter_has_a_deadline_of_its_own() -> None:
    """The impatient one gets TimedOut; the other gets the answer of the same call."""
    source = Source()
    source.open.clear()
    one = batcher(source)
    patient = asyncio.create_task(one.get(["a"], soon()))

    impatient = await one.get(["a"], soon(0.01))
    source.open.set()

    assert isinstance(impatient["a"], TimedOut)
    assert await patient == {"a": "A"}
    assert source.calls == [["a"]]


async def test_a_failed_chunk_fails_its_keys_and_is_not_remembered() -> None:
    """The other chunk is whole; the next look-up asks again."""
    source = Source()
    one = batcher(source)

    found = await one.get(["a", "b", "down", "c"], soon())

    assert {key: type(value) for key, value in found.items()} == {
        "a": Fault,
        "b": Fault,
        "down": Fault,
        "c": str,
    }
    assert await one.get(["a"], soon()) == {"a": "A"}


async def test_a_failed_key_fails_alone() -> None:
    """Beside it everything is answered."""
    found = await batcher(Source()).get(["a", "ill"], soon())

    assert (found["a"], type(found["ill"])) == ("A", Fault)


async def test_what_is_known_is_not_asked_until_it_is_forgotten() -> None:
    """After a change at the source the next look-up asks again."""
    source = Source()
    one = batcher(source)
    await one.get(["a"], soon())
    one.prime("b", "from a list")

    assert await one.get(["a", "b"], soon()) == {"a": "A", "b": "from a list"}
    one.invalidate("a")
    await one.get(["a"], soon())

    assert source.calls == [["a"], ["a"]]


async def test_closing_lets_every_waiter_go() -> None:
    """Under way, just begun or not begun at all: an error of its type, not a request that hangs."""
    source = Source()
    source.open.clear()
    one = batcher(source, calls_at_once=1)
    waiting = [asyncio.create_task(one.get([key], soon())) for key in "ab"]
    await asyncio.sleep(0.01)
    waiting.append(asyncio.create_task(one.get(["c"], soon())))
    await asyncio.sleep(0)

    await one.close()

    found = [await one_waiting for one_waiting in waiting]
    assert [type(value) for answer in found for value in answer.values()] == [Unreachable] * 3
    assert len(source.calls) == 1


@pytest.mark.parametrize("error", [ZeroDivisionError("a bug"), KeyError("a bug")])
async def test_a_bug_reaches_the_waiter_as_it_is(error: Exception) -> None:
    """The graph logs it and says INTERNAL; no waiter hangs."""

    async def fetch(_keys: list[str]) -> Outcomes[str]:
        raise error

    broken: Batcher[str] = Batcher(
        fetch, provider=Provider.PIXAI, cache=Cache(lambda _value, _now: 1), chunk=lambda: 3
    )

    with pytest.raises(type(error), match="a bug"):
        await broken.get(["a"], soon())


async def test_absence_is_remembered_for_a_while() -> None:
    """The next page of a list asks for the same absent key; a list that brings it after all is believed."""
    source = Source()
    one = batcher(source)

    assert [await one.get(["absent"], soon()) for _ in range(3)] == [{}, {}, {}]
    assert source.calls == [["absent"]]

    one.prime("absent", "here now")
    assert await one.get(["absent"], soon()) == {"absent": "here now"}
    one.invalidate("absent")
    await one.get(["absent"], soon())
    assert source.calls == [["absent"], ["absent"]]


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
