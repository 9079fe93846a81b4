"""No more calls than a source allows, and whose turn it is."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from loaders.budget import Budget
from loaders.flight import Flight, Wait
from loaders.pace import Pace
from loaders.turns import Turns


class Time:
    """Passes when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 100.0

    async def sleep(self, seconds: float) -> None:
        self.now += seconds
        await asyncio.sleep(0)


async def test_no_second_sees_more_calls_than_allowed() -> None:
    """Whichever second: two hundred calls at twenty a second."""
    time = Time()
    pace = Pace(20, 1, clock=lambda: time.now, sleep=time.sleep)
    taken: list[float] = []
    for number in range(200):
        await pace.turn()
        taken.append(time.now)
        time.now += 0.013 * (number % 3)

    assert max(sum(start <= moment < start + 1 for moment in taken) for start in taken) == 20
    assert taken[-1] - taken[0] == pytest.approx(9, abs=0.6)


async def test_turns_are_taken_in_the_order_they_are_asked_for() -> None:
    """One that is cancelled leaves its turn to the next."""
    time = Time()
    pace = Pace(1, 1, clock=lambda: time.now, sleep=time.sleep)
    order: list[int] = []

    async def waiting(number: int) -> None:
        await pace.turn()
        order.append(number)

    tasks = [asyncio.create_task(waiting(number)) for number in range(5)]
    await asyncio.sleep(0)
    tasks[2].cancel()
    await asyncio.wait(tasks)

    assert order == [0, 1, 3, 4]
    assert time.now == pytest.approx(103)


def test_how_long_so_many_calls_take() -> None:
    """When all of them wait."""
    assert Pace(20, 1).seconds_for(100) == 5


def flight(*keys: str) -> Flight[str]:
    """Keys that wait to be sent, and nobody who waits for them."""
    return Flight(list(keys))


def kept(_flight: Flight[str], keys: Sequence[str]) -> None:
    """Nothing is let go of."""
    assert not keys


async def wanted(*keys: str) -> Flight[str]:
    """The same, and somebody who waits for all of them."""
    made = flight(*keys)
    Wait[str](Budget.starting_now(1)).join(made, made.keys)
    return made


async def test_owners_take_turns() -> None:
    """Each gets what a call holds; where one has less, the next one's join it. A long flight is split."""
    turns: Turns[str] = Turns(kept)
    turns.add("A", await wanted("a1", "a2", "a3"))
    turns.add("A", await wanted("a4", "a5"))
    turns.add("B", await wanted("b1"))
    turns.add("C", await wanted("c1", "c2", "c3"))

    taken = []
    while turns:
        taken.append([one.keys for one in turns.take(2)])

    assert taken == [[["a1", "a2"]], [["b1"], ["c1"]], [["a3"], ["a4"]], [["c2", "c3"]], [["a5"]]]
    assert turns.take(2) == []


def test_how_many_go_before() -> None:
    """A small request passes a large one; a large one waits for all of the small ones."""
    turns: Turns[str] = Turns(kept)
    turns.add("large", flight(*map(str, range(2000))))

    assert turns.before("small", 20) == 40
    turns.add("small", flight(*map(str, range(20))))
    assert turns.before("large", 100) == 2120
    assert turns.before("small", 0) == 40


async def test_what_nobody_waits_for_is_dropped() -> None:
    """Of one owner; one that has nothing left is no owner any more."""
    turns: Turns[str] = Turns(kept)
    left = await wanted("1", "2")
    turns.add("A", flight("3"))
    turns.add("A", left)
    turns.add("B", flight("4"))

    for owner in ("A", "B", "C"):
        turns.drop_unwanted(owner)

    assert turns.before("A", 0) == 2
    assert turns.take(9) == [left]
    assert not turns


async def test_a_flight_that_is_split_is_waited_for_as_before() -> None:
    """Both parts by whoever wants all of it; else the part that holds what is wanted."""
    whole = flight("1", "2", "3")
    everything, last = Wait[str](Budget.starting_now(1)), Wait[str](Budget.starting_now(1))
    everything.join(whole, whole.keys)
    last.join(whole, ["3"])

    first = whole.split(2)
    first.settle({"1": "one", "2": "two"})
    whole.settle({"3": "three"})

    assert everything.found == {"1": "one", "2": "two", "3": "three"}
    assert last.found == {"3": "three"}
    assert not everything.flights
    assert not last.flights
