"""Calls that are under way: shared by whoever asks the same, and by nobody else."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from loaders.budget import Budget, Limits
from loaders.changes import Changes
from loaders.errors import Fault, TimedOut
from loaders.records import Provider
from loaders.shared import Shared
from loaders.silence import heard_by
from tests.loaders.hanging import Source, patient


class List:
    """A list whose calls wait until the test lets them answer; the answer is the number of the call."""

    def __init__(self) -> None:
        self.changes = Changes()
        self.shared: Shared[int] = Shared(Provider.PIXAI, lambda: self.changes.count)
        self.calls: list[str] = []
        self.canceled: list[str] = []
        self.open = asyncio.Event()
        self.failure: Exception | None = None

    async def get(self, page: str = "newest", budget: Budget | None = None) -> int:
        """As one operation asks for a page."""
        with heard_by(budget or Budget.starting_now(5)):
            return await self.shared.get(page, self._call(page))

    def _call(self, page: str) -> Callable[[], Awaitable[int]]:
        async def call() -> int:
            self.calls.append(page)
            number = len(self.calls)
            try:
                await self.open.wait()
            except asyncio.CancelledError:
                self.canceled.append(page)
                raise
            if self.failure is not None:
                raise self.failure
            return number

        return call


async def started(*asked: Awaitable[int]) -> list[asyncio.Task[int]]:
    """Each in a task of its own, and under way."""
    tasks = [asyncio.ensure_future(one) for one in asked]
    await asyncio.sleep(0.01)
    return tasks


async def test_the_same_page_is_one_call() -> None:
    """Also for one that comes while it is under way; another page is another call."""
    source = List()
    waiting = await started(source.get(), source.get(), source.get("older"))
    waiting += await started(source.get())

    source.open.set()

    assert await asyncio.gather(*waiting) == [1, 1, 2, 1]
    assert source.calls == ["newest", "older"]


async def test_nothing_is_kept() -> None:
    """Whoever asks after the answer asks the source."""
    source = List()
    source.open.set()

    assert [await source.get() for _ in range(3)] == [1, 2, 3]


async def test_whoever_comes_while_the_answer_is_handed_out_asks_anew() -> None:
    """At every step of the event loop between the answer and those who waited for it."""
    for steps in range(6):
        source = List()
        (first,) = await started(source.get())
        source.open.set()
        for _ in range(steps):
            await asyncio.sleep(0)

        async with asyncio.timeout(5):
            assert await source.get() in {1, 2}
            assert await first == 1


async def test_a_failure_is_everybodys_who_waits() -> None:
    """The next one asks anew."""
    source = List()
    source.failure = Fault("down", provider=Provider.PIXAI)
    waiting = await started(source.get(), source.get())
    source.open.set()

    assert await asyncio.gather(*waiting, return_exceptions=True) == [source.failure] * 2
    source.failure = None
    assert await source.get() == 2


async def test_one_that_leaves_ends_nothing_and_the_last_one_does() -> None:
    """Whoever comes afterwards joins no call that was ended."""
    source = List()
    first, second = await started(source.get(), source.get())

    first.cancel()
    await asyncio.sleep(0.01)
    assert source.canceled == []
    second.cancel()
    (third,) = await started(source.get())

    source.open.set()
    assert await third == 2
    assert source.canceled == ["newest"]


async def test_a_change_parts_those_who_come_after_it() -> None:
    """Who had asked before gets what was so then."""
    source = List()
    (before,) = await started(source.get())
    source.changes.add()
    (after,) = await started(source.get())

    source.open.set()

    assert (await before, await after) == (1, 2)


async def test_the_impatient_one_leaves_alone() -> None:
    """A source that hangs: one operation's silence ends its own wait; the other still has time."""
    source = Source()
    shared: Shared[str] = Shared(Provider.MESHY)

    async def asked(budget: Budget) -> str:
        with heard_by(budget):
            return await shared.get("newest", source.call)

    short = asyncio.create_task(asked(patient(0.05)))
    long = asyncio.create_task(asked(Budget.starting_now(5, Limits(silence=5))))

    with pytest.raises(TimedOut):
        await short
    assert not long.done()
    long.cancel()


async def test_without_an_operation_a_call_is_made_for_itself() -> None:
    """Such as the check of the sources at the start: nobody's patience counts."""
    source = List()
    source.open.set()

    assert await source.shared.get("newest", source._call("newest")) == 1
