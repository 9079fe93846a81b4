"""Many look-ups, few calls: sharing, joining, chunking, deadlines."""

from __future__ import annotations

import asyncio

import pytest

from loaders.batcher import Batcher
from loaders.cache import Cache
from loaders.errors import Fault, TimedOut, Unreachable
from loaders.outcome import Outcomes
from loaders.records import Provider
from tests.loaders.batching import Source, batcher, soon


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


async def test_keys_that_were_parted_are_joined_where_they_went() -> None:
    """Two keys, two more that do not fit beside them: the third goes along, the fourth waits for a place."""
    source = Source()
    source.open.clear()
    one = batcher(source, chunk=3, calls_at_once=1)
    early = [asyncio.create_task(one.get(keys, soon())) for keys in (["a", "b"], ["c", "d"])]
    await asyncio.sleep(0.01)
    assert source.calls == [["a", "b", "c"]]

    late = asyncio.create_task(one.get(["c", "d"], soon()))
    await asyncio.sleep(0.01)
    source.open.set()

    assert await asyncio.gather(*early, late) == [{"a": "A", "b": "B"}, *[{"c": "C", "d": "D"}] * 2]
    assert source.calls == [["a", "b", "c"], ["d"]]


@pytest.mark.parametrize("wanted", ["a", "b"])
async def test_a_key_that_nobody_wants_any_more_is_asked_for_by_the_next_who_does(wanted: str) -> None:
    """Two keys that wait for a place, of which one is left; they do not fit whole into the next call."""
    source = Source()
    source.open.clear()
    one = batcher(source, chunk=3, calls_at_once=1)
    first = asyncio.create_task(one.get(["x", "y", "z"], soon()))
    await asyncio.sleep(0)
    before = asyncio.create_task(one.get(["p", "q"], soon()))
    leaving = asyncio.create_task(one.get(["a", "b"], soon()))
    await asyncio.sleep(0.01)
    staying = asyncio.create_task(one.get([wanted], soon()))
    await asyncio.sleep(0.01)

    leaving.cancel()
    await asyncio.sleep(0.01)
    source.open.set()

    assert await staying == {wanted: wanted.upper()}
    await asyncio.gather(first, before)
    async with asyncio.timeout(1):
        assert await one.get(["a", "b"], soon()) == {"a": "A", "b": "B"}
    assert sorted(key for call in source.calls for key in call) == sorted("xyzpqab")


async def test_a_bug_at_the_deadline_is_no_absence() -> None:
    """Both come in the same turn of the event loop."""
    budget = soon(0.02)

    async def fetch(_keys: list[str]) -> Outcomes[str]:
        loop = asyncio.get_running_loop()
        ended = loop.create_future()
        loop.call_at(budget.deadline - 1e-6, ended.set_result, None)
        await ended
        raise ZeroDivisionError

    failing: Batcher[str] = Batcher(
        fetch, provider=Provider.MESHY, cache=Cache(lambda _value, _now: 1), chunk=lambda: 3
    )

    with pytest.raises(ZeroDivisionError):
        await failing.get(["a"], budget)


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


async def test_a_failure_keeps_nothing_of_the_answer() -> None:
    """The frames that raised it hold the answer, of up to 8 MiB."""

    async def fetch(keys: list[str]) -> Outcomes[str]:
        try:
            raise ValueError(keys)
        except ValueError:
            raise Fault("no JSON", provider=Provider.MESHY) from None

    failing: Batcher[str] = Batcher(
        fetch, provider=Provider.MESHY, cache=Cache(lambda _value, _now: 1), chunk=lambda: 3
    )

    found = (await failing.get(["a"], soon()))["a"]

    assert isinstance(found, Fault)
    assert (found.__traceback__, found.__context__) == (None, None)


async def test_a_failed_key_fails_alone() -> None:
    """Beside it everything is answered."""
    found = await batcher(Source()).get(["a", "ill"], soon())

    assert (found["a"], type(found["ill"])) == ("A", Fault)


async def test_what_is_known_is_not_asked_until_it_is_forgotten() -> None:
    """After a change at the source the next look-up asks again."""
    source = Source()
    one = batcher(source)
    await one.get(["a"], soon())
    one.prime({"b": "from a list"})

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
