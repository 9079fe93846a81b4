"""A write under way: carried out once, whoever leaves, repeats it or stops the process."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from loaders.errors import (
    IdempotencyConflict,
    NoConnection,
    OutcomeUnknown,
    OutOfCredit,
    Throttled,
    TriptychError,
)
from loaders.records import Provider
from resolvers import writes as module
from resolvers.idempotency.sqlite import SqliteStore
from resolvers.idempotency.store import Claim, Outcome, Record, StateUnavailable
from resolvers.writes import Write, Writes

PIXAI = Provider.PIXAI


@dataclass
class Source:
    """What is sent to a source. answers: what each request is answered, in order; the last one for ever.

    go_on: set where it may answer. after: what the writes were known to have made when they ended.
    """

    answers: list[str | BaseException] = field(default_factory=lambda: ["1", "2"])
    sent: int = 0
    go_on: asyncio.Event = field(default_factory=asyncio.Event)
    after: list[str | None] = field(default_factory=list)

    def write(self, key: str | None = "key", input: str = "x", seconds: float = 30.0) -> Write:
        """One request."""
        return Write(
            field="createTask",
            provider=PIXAI,
            send=self.send,
            after=self.after.append,
            seconds=seconds,
            scope=key,
            input=input,
        )

    async def send(self) -> str:
        """Counted."""
        answer = self.answers[min(self.sent, len(self.answers) - 1)]
        self.sent += 1
        await self.go_on.wait()
        if isinstance(answer, BaseException):
            raise answer
        return answer


@pytest.fixture
def source() -> Source:
    """One that answers at once."""
    made = Source()
    made.go_on.set()
    return made


@pytest.fixture
async def writes(tmp_path: Path) -> AsyncIterator[Writes]:
    """A process's, with a file."""
    made = Writes(SqliteStore(tmp_path / "keys.db"))
    yield made
    await made.close(0)


async def until(true: Callable[[], bool]) -> None:
    """As soon as it is."""
    while not true():  # noqa: ASYNC110 - a counter's, not a waiter's
        await asyncio.sleep(0.001)


async def test_without_a_key_each_request_counts(writes: Writes, source: Source) -> None:
    """Nothing is kept of them."""
    assert [await writes.run(source.write(None)) for _ in range(2)] == ["1", "2"]
    assert source.after == ["1", "2"]


async def test_with_a_key_the_first_answer_stands(writes: Writes, source: Source) -> None:
    """Here and in another process, that shares the file."""
    other = Writes(writes.store)

    answers = [await one.run(source.write()) for one in (writes, writes, other)]

    assert (answers, source.sent, source.after) == (["1", "1", "1"], 1, ["1"])
    with pytest.raises(IdempotencyConflict, match="The idempotency key was used for another request"):
        await other.run(source.write(input="y"))


async def test_duplicates_at_once_share_one_request(writes: Writes) -> None:
    """In one process they wait for the same task; another one looks at the file now and then."""
    source, other = Source(), Writes(writes.store)
    asked = [asyncio.create_task(one.run(source.write())) for one in [writes] * 50 + [other] * 50]
    await until(lambda: source.sent > 0)
    with pytest.raises(IdempotencyConflict):
        await writes.run(source.write(input="y"))

    source.go_on.set()

    assert set(await asyncio.gather(*asked)) == {"1"}
    assert source.sent == 1


@pytest.mark.parametrize("error", [OutOfCredit("no", provider=PIXAI), NoConnection("no", provider=PIXAI)])
async def test_a_refusal_releases_the_key(writes: Writes, source: Source, error: TriptychError) -> None:
    """So does a failure before anything was sent."""
    source.answers = [error, "2"]

    with pytest.raises(type(error)):
        await writes.run(source.write())

    assert await writes.run(source.write(input="y")) == "2"
    assert source.after == [None, "2"]


async def test_an_unknown_outcome_stays_unknown(writes: Writes, source: Source) -> None:
    """Whatever the source would say now; what is known is told."""
    source.answers = [OutcomeUnknown("?", provider=PIXAI, upstream_status=504), "2"]
    with pytest.raises(OutcomeUnknown):
        await writes.run(source.write())

    with pytest.raises(OutcomeUnknown) as caught:
        await writes.run(source.write())

    assert source.sent == 1
    assert caught.value.upstream_status == 504
    assert caught.value.message == (
        "createTask was begun with this idempotency key 0 s ago, and PixAI has not confirmed it; it may have "
        "been carried out"
    )


@pytest.mark.parametrize("key", [None, "key"])
async def test_a_source_that_never_answers(writes: Writes, key: str | None) -> None:
    """Nobody knows, after the time that a write has."""
    source = Source()

    with pytest.raises(OutcomeUnknown, match="PixAI did not confirm the request; it may have been carried"):
        await writes.run(source.write(key, seconds=0.01))

    assert source.after == [None]


async def test_a_bug_is_an_unknown_outcome_to_whoever_repeats_it(writes: Writes, source: Source) -> None:
    """It may have been sent."""
    source.answers = [ZeroDivisionError(), "2"]

    with pytest.raises(ZeroDivisionError):
        await writes.run(source.write())
    with pytest.raises(OutcomeUnknown):
        await writes.run(source.write())

    assert source.sent == 1


async def test_a_client_that_leaves_ends_nothing(writes: Writes) -> None:
    """Its write is carried out, and its record made, once it has begun."""
    source, began = Source(), asyncio.Event()
    client = asyncio.create_task(writes.run(source.write(), began.set))
    await until(lambda: source.sent > 0)
    assert began.is_set()

    client.cancel()
    await asyncio.gather(client, return_exceptions=True)
    source.go_on.set()

    assert await writes.run(source.write()) == "1"
    assert (source.sent, source.after) == (1, ["1"])


async def test_a_process_that_ends_waits_for_its_writes(tmp_path: Path) -> None:
    """For a bounded time; what is not known by then stays pending until it expires."""
    quick, slow = Source(), Source()
    writes = Writes(SqliteStore(tmp_path / "keys.db"), seconds=0.5)
    asked = [asyncio.create_task(writes.run(one.write(key))) for key, one in (("q", quick), ("s", slow))]
    await until(lambda: quick.sent + slow.sent == 2)
    asyncio.get_running_loop().call_later(0.01, quick.go_on.set)

    await writes.close(0.1)
    await asyncio.gather(*asked, return_exceptions=True)

    later = Writes(SqliteStore(tmp_path / "keys.db"), clock=lambda: time.time() + 60)
    assert await later.run(quick.write("q")) == "1"
    with pytest.raises(OutcomeUnknown):
        await later.run(slow.write("s", seconds=0.5))
    assert (quick.sent, slow.sent) == (1, 1)
    await later.close(0)


async def test_what_another_process_sends_is_waited_for_until_it_must_have_ended(tmp_path: Path) -> None:
    """Then nobody knows; a process that was killed looks the same."""
    store, source = SqliteStore(tmp_path / "keys.db"), Source()
    await store.claim("key", "x", now=time.time(), expires=time.time() + 0.1)
    writes = Writes(store)
    impatient = asyncio.create_task(writes.run(source.write()))
    await asyncio.sleep(0)

    impatient.cancel()
    with pytest.raises(OutcomeUnknown):
        await writes.run(source.write())

    assert source.sent == 0
    await writes.close(0)


async def test_what_another_process_was_refused_is_sent_by_the_next(tmp_path: Path) -> None:
    """By one of those who wait."""
    store, source = SqliteStore(tmp_path / "keys.db"), Source()
    source.go_on.set()
    claim = await store.claim("key", "x", now=time.time(), expires=time.time() + 10)
    writes = Writes(store)
    asked = [asyncio.create_task(writes.run(source.write())) for _ in range(10)]
    await asyncio.sleep(0.01)

    assert isinstance(claim, Claim)
    await store.release(claim)

    assert (await asyncio.gather(*asked), source.sent) == (["1"] * 10, 1)
    await writes.close(0)


class Broken(SqliteStore):
    """Claims, and keeps nothing afterwards."""

    async def settle(self, claim: Claim, outcome: Outcome) -> None:
        """Never."""
        raise StateUnavailable("The state of idempotency keys cannot be used: disk full")


async def test_an_answer_is_worth_more_than_its_record(
    source: Source, caplog: pytest.LogCaptureFixture
) -> None:
    """What was paid for is answered though it cannot be kept; a repetition is not sent."""
    writes = Writes(Broken())

    assert await writes.run(source.write()) == "1"

    assert caplog.record_tuples == [
        (
            module.__name__,
            logging.WARNING,
            "What became of a write was not kept: The state of idempotency keys cannot be used: disk full",
        )
    ]
    assert isinstance(await writes.store.claim("key", "x", now=time.time(), expires=0), Record)  # type: ignore[union-attr]
    await writes.close(0)


async def test_without_a_state_nothing_is_sent(source: Source, tmp_path: Path) -> None:
    """A write with a key needs its record first; others need none."""
    writes = Writes(SqliteStore(tmp_path))

    with pytest.raises(StateUnavailable):
        await writes.run(source.write())

    assert source.sent == 0
    assert await writes.run(source.write(None)) == "1"
    await writes.close(0)


async def test_too_many_writes_at_once_are_refused(writes: Writes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Duplicates of one do not count."""
    monkeypatch.setattr(module, "MOST", 2)
    source = Source()
    asked = [asyncio.create_task(writes.run(source.write(key))) for key in (None, "a", "a", "a")]
    await until(lambda: source.sent == 2)

    with pytest.raises(Throttled, match="Too many writes are under way on this server"):
        await writes.run(source.write("b"))

    source.go_on.set()
    await asyncio.gather(*asked)
    assert await writes.run(source.write("b")) == "2"


async def test_the_keys_of_a_sandbox_end_with_it() -> None:
    """Its tasks do, too: the next process has others."""
    first, second = (Writes(temporary=frozenset({PIXAI})) for _ in range(2))

    assert first.scope("", PIXAI, "f", "k") != second.scope("", PIXAI, "f", "k")
    assert first.scope("", Provider.MESHY, "f", "k") == second.scope("", Provider.MESHY, "f", "k")
