"""Runs writes, each at most once: in a task of its own, under an idempotency key where the client gave one.

    claim (the record is on disk)  ->  send (at most once)  ->  settle, or release where nothing was done

A client that leaves, a deadline or a budget ends the wait for a write, never the write.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from secrets import token_hex

from loaders.errors import (
    IdempotencyConflict,
    OutcomeUnknown,
    Throttled,
    TriptychError,
)
from loaders.records import Provider
from resolvers.idempotency import scope
from resolvers.idempotency.sqlite import SqliteStore
from resolvers.idempotency.store import Claim, Outcome, Record, StateUnavailable, Store, Unknown, Written

MOST = 1_000  # writes under way in this process
FIRST_LOOK, LAST_LOOK = 0.05, 1.0  # seconds between looks at what another process is doing

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """One change at a source.

    field: of the graph. scope: None without an idempotency key. input: a digest of the arguments.
    send: sends it and returns the key of what it made or changed; everything after that is in `after`, which
    is called whatever came of it, None where that is not known. seconds: how long `send` may take in all.
    """

    field: str
    provider: Provider
    send: Callable[[], Awaitable[str]]
    after: Callable[[str | None], None]
    seconds: float
    scope: str | None = None
    input: str = ""


@dataclass(frozen=True, slots=True)
class _Running:
    input: str
    task: asyncio.Task[str | Record]


@dataclass(slots=True)
class Writes:
    """Of one process. store: of idempotency keys; None: in memory, made when the first key comes.

    seconds: how long a source may take to answer a write. temporary: providers whose tasks end with this
    process, as those of its own sandbox do: their keys do, too. clock: the wall clock.
    """

    store: Store | None = None
    seconds: float = 30.0
    temporary: frozenset[Provider] = frozenset()
    clock: Callable[[], float] = time.time
    _process: str = field(default_factory=token_hex, init=False, repr=False)
    _tasks: set[asyncio.Task[str | Record]] = field(default_factory=set, init=False, repr=False)
    _by_scope: dict[str, _Running] = field(default_factory=dict, init=False, repr=False)

    @property
    def margin(self) -> float:
        """Seconds beyond a write's own after which nobody can still be carrying it out."""
        return max(1.0, self.seconds / 6)

    def scope(self, caller: str, provider: Provider, fingerprint: str, key: str) -> str:
        """Under which a key is kept."""
        if provider in self.temporary:
            fingerprint = f"{fingerprint} {self._process}"
        return scope.scope(caller, fingerprint, key)

    async def run(self, write: Write, began: Callable[[], None] = lambda: None) -> str:
        """What `send` returned, now or the first time. began: called when it may no longer be cancelled.

        Raises what `send` raises, IdempotencyConflict, OutcomeUnknown, Throttled, StateUnavailable.
        """
        pause = FIRST_LOOK
        while isinstance(found := await asyncio.shield(self._task(write, began)), Record):
            # another process sends it: whoever waits for that may leave
            left = found.expires - self.clock()
            await asyncio.sleep(max(0.0, min(pause, left)))
            pause = min(LAST_LOOK, pause * 2)
        return found

    async def close(self, seconds: float) -> None:
        """Wait for what is under way, at most so long; then let go of the store."""
        if self._tasks:
            await asyncio.wait(set(self._tasks), timeout=seconds)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self.store is not None:
            await self.store.close()

    def _task(self, write: Write, began: Callable[[], None]) -> asyncio.Task[str | Record]:
        running = self._by_scope.get(write.scope) if write.scope is not None else None
        if running is not None:
            if running.input != write.input:
                raise _conflict()
            return running.task
        if len(self._tasks) >= MOST:
            said = "Too many writes are under way on this server"
            raise Throttled(said, provider=write.provider, retry_after=1.0)
        task = asyncio.create_task(self._carried_out(write, began))
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        if write.scope is not None:
            self._by_scope[write.scope] = _Running(write.input, task)
            task.add_done_callback(lambda _: self._by_scope.pop(write.scope or "", None))
        return task

    async def _carried_out(self, write: Write, began: Callable[[], None]) -> str | Record:
        """The key, or the record of a write that another process is sending."""
        if write.scope is None:
            began()
            return await self._sent(write, write.seconds)
        if self.store is None:
            self.store = SqliteStore()
        now = self.clock()
        expires = now + write.seconds + self.margin
        found = await self.store.claim(write.scope, write.input, now=now, expires=expires)
        if isinstance(found, Claim):
            began()
            return await self._under(found, self.store, write)
        if found.input != write.input:
            raise _conflict()
        is_pending = found.outcome is None and found.expires > self.clock()
        return found if is_pending else self._answer(write, found)

    async def _under(self, claim: Claim, store: Store, write: Write) -> str:
        try:
            key = await self._sent(write, min(write.seconds, claim.expires - self.clock()))
        except OutcomeUnknown as error:
            await _kept(store.settle(claim, Unknown(error.upstream_status)))
            raise
        except TriptychError:
            await _kept(store.release(claim))
            raise
        except Exception:  # a bug, before or after it was sent
            await _kept(store.settle(claim, Unknown()))
            raise
        await _kept(store.settle(claim, Written(key)))
        return key

    async def _sent(self, write: Write, seconds: float) -> str:
        key: str | None = None
        try:
            async with asyncio.timeout(seconds):
                key = await write.send()
        except TimeoutError:
            raise _unknown(write, None) from None
        finally:
            write.after(key)
        return key

    def _answer(self, write: Write, record: Record) -> str:
        outcome: Outcome = record.outcome or Unknown()
        if isinstance(outcome, Written):
            return outcome.key
        raise _unknown(write, outcome.status, seconds_ago=self.clock() - record.made)

    def _ended(self, task: asyncio.Task[str | Record]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # its client may have left: then nobody retrieves it


async def _kept(step: Awaitable[None]) -> None:
    """Of what has been sent: the answer is worth more than its record, which stays pending then."""
    try:
        await step
    except StateUnavailable as error:
        log.warning("What became of a write was not kept: %s", error.message)


def _unknown(write: Write, status: int | None, seconds_ago: float | None = None) -> OutcomeUnknown:
    provider = write.provider
    if seconds_ago is None:
        said = f"{provider.label} did not confirm the request; it may have been carried out"
    else:
        said = (
            f"{write.field} was begun with this idempotency key {round(max(0.0, seconds_ago))} s ago, and "
            f"{provider.label} has not confirmed it; it may have been carried out"
        )
    return OutcomeUnknown(said, provider=provider, upstream_status=status)


def _conflict() -> IdempotencyConflict:
    return IdempotencyConflict("The idempotency key was used for another request: expected the same input")
