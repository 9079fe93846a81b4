"""How long a source may be silent to an operation: over real calls, with limits of hundredths of a second."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest

from loaders import retry
from loaders.breaker import Breaker
from loaders.errors import Fault, SourceError, TimedOut
from loaders.records import Provider
from loaders.silence import Audience, heard_by, on_the_wire
from tests.loaders.hanging import LIMIT, Source, names, patient


async def test_a_source_that_hangs_is_left_after_the_limit() -> None:
    """Each key is a TimedOut long before the deadline; the breaker is told; nothing is tried again."""
    source = Source()

    async with asyncio.timeout(5):
        found = await source.batcher.get([*"abcdefgh"], patient())

    assert names(found) == dict.fromkeys("abcdefgh", "TimedOut")
    assert source.calls == [*"abcdefgh"]
    await asyncio.sleep(0.01)  # the calls themselves end a moment after those who waited
    assert source.breaker.retry_after is not None


async def test_what_waits_in_our_own_queue_goes_with_it() -> None:
    """Twenty keys, two at a time: the queue is not sent to a source that does not answer."""
    source = Source(places=2)

    async with asyncio.timeout(5):
        found = await source.batcher.get([f"k{number}" for number in range(20)], patient())

    assert set(names(found).values()) == {"TimedOut"}
    assert len(source.calls) == 2


async def test_a_slow_source_that_works_is_not_cut_off() -> None:
    """Ten calls, one at a time, each in half the limit: five limits in all."""
    source = Source(places=1)
    getting = asyncio.create_task(source.batcher.get([f"k{number}" for number in range(10)], patient()))
    for _ in range(10):
        await asyncio.sleep(LIMIT / 2)
        source.answer()

    assert names(await getting) == {f"k{number}": f"K{number}" for number in range(10)}


async def test_any_answer_counts_while_others_hang() -> None:
    """Of eight calls, one is answered now and then: the seven are not given up before it stops."""
    source = Source()
    getting = asyncio.create_task(source.batcher.get([*"abcdefgh"], patient()))
    for _ in range(4):
        await asyncio.sleep(LIMIT * 0.7)
        source.answer()

    found = names(await getting)

    assert found == dict(zip("abcd", "ABCD", strict=True)) | dict.fromkeys("efgh", "TimedOut")


async def test_waiting_for_our_own_turn_is_no_silence() -> None:
    """A place that another operation's call holds: the deadline counts, not the limit."""
    source = Source(places=1)
    other = asyncio.create_task(source.batcher.get(["held", "held too"], patient(silence=60)))
    await asyncio.sleep(0.01)
    waiting = asyncio.create_task(source.batcher.get(["late", "later"], patient()))
    await asyncio.sleep(LIMIT * 2)

    assert not waiting.done()
    for _ in range(4):
        source.answer()
        await asyncio.sleep(0.02)
    assert names(await waiting) == {"late": "LATE", "later": "LATER"}
    await other


async def test_who_has_just_come_waits_for_a_call_that_another_has_given_up() -> None:
    """The call ends; where the source answers others, it is made again for the one who still waits."""
    source = Source()
    early = asyncio.create_task(source.batcher.get(["a"], patient()))
    other = asyncio.create_task(source.batcher.get(["b"], patient()))
    await asyncio.sleep(LIMIT * 0.8)
    source.gates[1].set()
    late = asyncio.create_task(source.batcher.get(["a"], patient(silence=60)))

    assert [names(await other), names(await early)] == [{"b": "B"}, {"a": "TimedOut"}]
    await asyncio.sleep(0.05)
    assert source.calls == ["a", "b", "a"]
    source.gates[2].set()
    assert names(await late) == {"a": "A"}
    assert source.breaker.last_error is None


async def test_once_silent_the_source_is_not_asked_again_by_the_same_operation() -> None:
    """What the operation wants next fails at once, although the source answers another operation."""
    source = Source()
    budget = patient()
    getting = asyncio.create_task(source.batcher.get(["a"], budget))
    other = asyncio.create_task(source.batcher.get(["b"], patient()))
    await asyncio.sleep(LIMIT / 2)
    source.gates[1].set()
    await asyncio.gather(getting, other)

    again = await source.batcher.get(["c"], budget)

    assert names(again) == {"c": "TimedOut"}
    assert source.calls == ["a", "b"]


async def test_a_source_that_was_silent_is_left_alone_by_everybody() -> None:
    """The breaker is open: the next operation does not wait at all."""
    source = Source()
    await source.batcher.get(["a"], patient())

    assert names(await source.batcher.get(["b"], patient(silence=60))) == {"b": "Silent"}
    assert source.calls == ["a"]


async def test_a_call_that_takes_its_time_is_exempt() -> None:
    """image-seed may take a minute: the operation's deadline counts, and the call goes on after it."""
    source = Source(outlasts_silence=True)

    found = await source.batcher.get(["a"], patient(seconds=LIMIT * 2))
    source.answer()
    await asyncio.sleep(0.01)

    assert names(found) == {"a": "TimedOut"}
    assert names(await source.batcher.get(["a"], patient())) == {"a": "A"}
    assert source.calls == ["a"]


async def test_a_call_that_everybody_has_left_ends_after_the_limit() -> None:
    """It may fill the cache until then, and holds no place for longer; what waited for it is told at once."""
    source = Source(places=1)
    leaving = asyncio.create_task(source.batcher.get(["a", "b"], patient()))
    await asyncio.sleep(0.01)
    leaving.cancel()

    async with asyncio.timeout(5):
        found = await source.batcher.get(["c", "d"], patient(silence=60))

    assert names(found) == {"c": "Silent", "d": "Silent"}
    assert source.calls == ["a"]


async def test_a_calls_own_time_may_end_at_the_same_moment(caplog: pytest.LogCaptureFixture) -> None:
    """Both timers are due in one turn of the loop: neither is an error."""
    waiting = Audience()
    waiting.add(patient(0.01))
    with suppress(TimeoutError):
        async with asyncio.timeout(0.01) as own:
            with on_the_wire("server", waiting, own):
                asyncio.get_running_loop().call_soon(time.sleep, 0.02)
                await asyncio.Event().wait()
    assert (own.expired(), caplog.records) == (True, [])


async def test_a_walks_step_is_heard_by_its_operation() -> None:
    """What a list does: the step raises TimedOut after the limit, and the breaker is told."""
    breaker = Breaker()
    budget = patient()

    with heard_by(budget), pytest.raises(TimedOut):
        async with asyncio.timeout(5):
            await _read(asyncio.Event().wait, breaker)

    assert isinstance(breaker.last_error, TimedOut)
    assert budget.clock(breaker).is_silent


async def test_silence_adds_up_over_calls_that_break() -> None:
    """A source that resets each call after most of the limit has answered nothing."""
    breaker = Breaker()
    calls: list[int] = []

    async def breaks() -> None:
        calls.append(1)
        await asyncio.sleep(LIMIT * 0.7)
        raise SourceErrorOfConnection

    with heard_by(patient()), pytest.raises(SourceError):
        await _read(breaks, breaker)

    assert len(calls) == 2


async def test_an_error_with_a_status_is_an_answer() -> None:
    """A 500 is heard: three tries, each in most of the limit, and the error is the source's own."""
    calls: list[int] = []

    async def fails() -> None:
        calls.append(1)
        await asyncio.sleep(LIMIT * 0.7)
        raise Fault("failed", provider=Provider.MESHY, upstream_status=500)

    with heard_by(patient()), pytest.raises(Fault):
        await _read(fails, Breaker())

    assert len(calls) == 3


async def test_nothing_is_left_behind() -> None:
    """No timer, no task, no report, after operations that waited, left, timed out and were answered."""
    told: list[dict[str, object]] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _loop, context: told.append(context))
    source = Source()
    for _ in range(5):
        leaving = asyncio.create_task(source.batcher.get([*"ab"], patient()))
        staying = asyncio.create_task(source.batcher.get([*"bc"], patient()))
        await asyncio.sleep(0.01)
        leaving.cancel()
        await asyncio.wait([leaving, staying])
    await source.batcher.close()

    assert len(asyncio.all_tasks()) == 1
    assert told == []


async def test_an_audience_counts_who_waits_twice() -> None:
    """Two look-ups of one operation in one call: it still waits when one of them is over."""
    audience, budget = Audience(), patient()
    audience.add(budget)
    audience.add(budget)

    audience.remove(budget)
    assert not audience.is_empty
    audience.remove(budget)

    assert audience.is_empty


class _Broken(SourceError):
    is_retryable = True


SourceErrorOfConnection = _Broken("broke", provider=Provider.MESHY)


async def _read(call: Callable[[], Awaitable[object]], breaker: Breaker) -> None:
    await retry.read(call, provider=Provider.MESHY, breaker=breaker, seconds=10)
