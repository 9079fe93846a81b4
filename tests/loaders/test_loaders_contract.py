"""What every loader of every source promises: order, duplicates, absence, errors per key, bounds, sharing.

Each test runs over `contract.CASES`; the upstream calls are those that the emulators counted.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator, Awaitable, Callable
from random import Random
from typing import Any

import pytest

from loaders.errors import SourceError
from sandbox import Sandbox
from tests.hostile import HOSTILE
from tests.loaders.contract import CASES, ROUTES, Case, Opened, opened, shown


@pytest.fixture(params=CASES, ids=str)
async def at(request: pytest.FixtureRequest, box: Sandbox) -> AsyncIterator[Opened]:
    """A source, freshly opened, over a sandbox that has not been asked yet."""
    case: Case = request.param
    async with opened(case, box) as source:
        yield source


async def test_order(at: Opened) -> None:
    """Thirty keys are answered in the order they were asked, each by the record that has this key."""
    keys = Random(3).sample(at.case.keys(60), 30)

    assert list(map(shown, await at.load(keys))) == keys
    assert at.calls() == at.case.calls(30)


async def test_duplicates(at: Opened) -> None:
    """A chunk of keys, twice each, from two requests of one tick, is one call; all get equal records."""
    keys = at.case.keys(at.case.chunk)

    first, second = await asyncio.gather(at.load(keys + keys), at.load(keys + keys))

    assert list(map(shown, first)) == keys + keys
    assert first + second == first[: len(keys)] * 4
    assert at.calls() == {at.case.route: 1}


async def test_absence(at: Opened) -> None:
    """What is nowhere is None, between things that are there."""
    known, unknown = at.case.keys(5), at.case.unknown(5)

    found = await at.load([key for pair in zip(known, unknown, strict=True) for key in pair])

    assert list(map(shown, found)) == [one for key in known for one in (key, None)]


async def test_error_of_one_key(at: Opened) -> None:
    """The key whose alias or call fails raises; where a call carries many keys, so does its whole chunk."""
    # media come with their tasks, in no order: so that it is known who shares a call, one chunk of them
    keys = at.case.keys(60 if at.case.kind == "tasks" else 30)
    spoilt = set(keys[: at.case.spoils])
    at.server.fail(at.case.route, **at.case.spoilt_by(at.case.ids[0]))

    found = await at.load(keys)

    assert list(map(shown, found)) == ["Fault" if key in spoilt else key for key in keys]
    assert {one.provider for one in found if isinstance(one, SourceError)} == {at.case.provider}


async def test_refused_key(at: Opened) -> None:
    """A refusal is asked for once a call and is everybody's; it is not remembered once the source is well."""
    keys = at.case.keys(30)
    at.server.fail(at.case.route, status=401)

    found = await at.load(keys)

    assert [(shown(one), getattr(one, "provider", None)) for one in found] == [
        ("Refused", at.case.provider)
    ] * 30
    assert at.calls() == at.case.calls(30)

    at.server.reset()

    assert list(map(shown, await at.load(keys))) == keys
    assert at.calls() == at.case.calls(30)


async def test_bounds(at: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many keys cost one call a chunk, known or not, and never more calls at a time than promised."""
    count = at.case.chunk * (at.case.at_once + 4) + 3
    keys = (at.case.keys(30) + at.case.unknown(count))[:count]
    flying = Gauge()
    _, client, method = ROUTES[at.case.route]
    monkeypatch.setattr(client, method, flying.around(getattr(client, method)))

    found = await at.load(keys)

    known = at.case.keys(min(30, count))
    unknown = count - len(known)
    assert list(map(shown, found)) == known + [None] * unknown
    assert at.calls() == at.case.calls(count, unknown)
    assert flying.most == at.case.at_once


async def test_ten_requests_at_once(at: Opened) -> None:
    """They share one set of calls, and each gets its own order."""
    keys = at.case.keys(30)
    orders = [keys[turn:] + keys[:turn] for turn in range(10)]

    found = await asyncio.gather(*map(at.load, orders))

    assert [list(map(shown, one)) for one in found] == orders
    assert at.calls() == at.case.calls(30)


async def test_a_cancelled_waiter(at: Opened) -> None:
    """Who asked first goes; who waits for the same call gets it, and so does who comes afterwards."""
    keys = at.case.keys(3)
    at.server.fail(at.case.route, latency=0.2)
    first, second = asyncio.create_task(at.get(keys)), asyncio.create_task(at.get(keys))
    await at.asked()

    first.cancel()
    third = asyncio.create_task(at.get(keys))

    assert [await second, await third] == [keys, keys]
    assert first.cancelled()
    assert at.calls() == at.case.calls(3)


async def test_a_hurried_waiter(at: Opened) -> None:
    """A deadline is its own request's: another one gets the answer of the same call."""
    keys = at.case.keys(3)
    at.server.fail(at.case.route, latency=0.3)

    hurried, patient = await asyncio.gather(at.load(keys, seconds=0.05), at.load(keys))

    assert list(map(shown, hurried)) == ["TimedOut"] * 3
    assert {getattr(one, "provider", None) for one in hurried} == {at.case.provider}
    assert list(map(shown, patient)) == keys
    assert at.calls() == at.case.calls(3)


async def test_a_source_that_hangs(at: Opened) -> None:
    """Its keys are TimedOut after so much silence, long before the deadline; seeds may take a minute."""
    keys = at.case.keys(3)
    at.server.fail(at.case.route, latency=30)

    found = await at.load(keys, seconds=1 if at.case.kind == "seeds" else 20, silence=0.8)

    assert list(map(shown, found)) == ["TimedOut"] * 3
    assert at.calls() == at.case.calls(3)
    assert (at.own.breaker.last_error is None) is (at.case.kind == "seeds")


async def test_remembering(at: Opened) -> None:
    """What is finished is not asked for again, whichever request wants it."""
    keys = at.case.keys(30)
    await at.load(keys)
    asked = at.calls()

    assert list(map(shown, await at.load(keys[::-1]))) == keys[::-1]
    assert at.calls() == asked == at.case.calls(30)


@pytest.mark.parametrize("warm", [True, False], ids=["remembered", "in flight"])
async def test_two_credentials(at: Opened, warm: bool) -> None:
    """Nothing that one key may see, remembered or on its way, reaches another."""
    keys = at.case.keys(10)
    if warm:
        await at.load(keys)

    own, theirs = await asyncio.gather(at.load(keys), at.load(keys, at.stranger()))

    assert list(map(shown, own)) == keys
    assert list(map(shown, theirs)) == ["Refused"] * 10


async def test_hostile_keys(at: Opened) -> None:
    """As keys and as the ids in them, they are absent or an InvalidId, beside a key that is there."""
    good = at.case.keys(1)[0]
    hostile = ["", *HOSTILE.values(), *map(at.case.key.format, ["", *HOSTILE.values()])]

    found = dict(zip([good, *hostile], await at.load([good, *hostile]), strict=True))

    assert shown(found.pop(good)) == good
    assert {key: one for key, one in found.items() if shown(one) not in {None, "InvalidId"}} == {}
    assert set(at.calls()) <= {at.case.route, at.case.then}


async def test_half_a_character(at: Opened) -> None:
    """Half of a surrogate pair, which neither JSON nor a URL can carry, does not spoil the key beside it."""
    good, half = at.case.keys(1)[0], at.case.key.format("\ud800")

    found = await at.load([good, half])

    assert list(map(shown, found)) in ([good, None], [good, "InvalidId"])


class Gauge:
    """Counts the calls of a client's method that have begun and not ended. most: so far, at once."""

    def __init__(self) -> None:
        self.most = 0
        self._now = 0

    def around(self, method: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        """The same method, counted."""
        assert inspect.iscoroutinefunction(method)

        async def counted(*given: Any, **named: Any) -> Any:
            self._now += 1
            self.most = max(self.most, self._now)
            try:
                return await method(*given, **named)
            finally:
                self._now -= 1

        return counted
