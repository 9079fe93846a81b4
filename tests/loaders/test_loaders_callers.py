"""Callers with keys of their own: whose account stays, whose goes, and when one is made at all."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import pytest

from loaders.account import Account
from loaders.breaker import Breaker
from loaders.budget import Budget
from loaders.callers import ALL, OF_ONE_ADDRESS, CallerAccounts
from loaders.credentials import Credential
from loaders.outcome import Outcomes
from loaders.records import Provider, TaskRecord
from loaders.sources import Sources, SourceSettings
from sandbox import Sandbox
from tests.canned import Told
from tests.loaders.contract import GRAPHQL, PIXAI
from tests.loaders.test_loaders_breaker import REFUSED, fail

TASK = next(iter(PIXAI))


@asynccontextmanager
async def sources(box: Sandbox) -> AsyncIterator[Sources]:
    """Over the sandbox, without keys of the server's own."""
    async with Sources(SourceSettings(pixai_url=box.pixai.url, meshy_url=box.meshy.url)) as found:
        yield found


def keys(key: str) -> Mapping[Provider, Credential]:
    return {Provider.PIXAI: Credential({"key": key})}


async def ask(accounts: Mapping[Provider, Account]) -> Outcomes[TaskRecord]:
    """For one finished task."""
    return await accounts[Provider.PIXAI].reads.tasks.get([TASK], Budget.starting_now(10))


async def test_a_caller_finds_his_caches_again(box: Sandbox) -> None:
    """The same key, from anywhere, is the same account."""
    async with sources(box) as found:
        for address in ("10.0.0.1", "10.0.0.1", "10.0.0.2"):
            assert list(await ask(found.of_caller(keys(box.pixai.key), address))) == [TASK]

    assert box.pixai.requests == {GRAPHQL: 1}


async def test_refused_keys_of_the_same_address_do_not_push_out_a_good_one(box: Sandbox) -> None:
    """Twice as many junk keys as accounts are kept; the good caller's answer is still remembered."""
    async with sources(box) as found:
        await ask(found.of_caller(keys(box.pixai.key), "10.0.0.1"))
        for number in range(OF_ONE_ADDRESS * 2):
            await ask(found.of_caller(keys(f"junk {number}"), "10.0.0.1"))
        asked = box.pixai.requests[GRAPHQL]

        assert list(await ask(found.of_caller(keys(box.pixai.key), "10.0.0.1"))) == [TASK]

    assert box.pixai.requests == {GRAPHQL: asked}


class Made:
    """Makes accounts that can do nothing, and remembers which."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.closed: list[str] = []

    def __call__(self, _provider: Provider, credential: Credential) -> Account | None:
        name = credential.secrets["key"]
        if name == "nothing":
            return None
        self.names.append(name)
        return _Named(name, self.closed)


class _Named(Account):
    provider = Provider.PIXAI

    def __init__(self, name: str, closed: list[str]) -> None:
        self.name = name
        self.breaker = Breaker()
        self.is_closed = asyncio.Event()
        self._closed = closed

    async def close(self) -> None:
        self._closed.append(self.name)
        self.is_closed.set()


async def test_an_account_is_made_when_a_source_is_asked() -> None:
    """Not by a request that asks for something else; once for each request that does."""
    made = Made()
    callers = CallerAccounts(made, 60)

    accounts = callers.of(keys("a"), "x")
    assert made.names == []
    assert accounts.get(Provider.MESHY) is None
    assert accounts[Provider.PIXAI] is accounts[Provider.PIXAI]
    assert (made.names, len(accounts), list(accounts)) == (["a"], 1, [Provider.PIXAI])

    nothing = callers.of(keys("nothing"), "x")
    assert (Provider.PIXAI in nothing, len(nothing), dict(nothing)) == (False, 0, {})
    await callers.close()


async def test_an_address_keeps_its_own_few() -> None:
    """Its least used goes; other addresses lose nothing."""
    made = Made()
    callers = CallerAccounts(made, 60)
    other = callers.of(keys("other"), "other")[Provider.PIXAI]
    first = callers.of(keys("0"), "x")[Provider.PIXAI]
    for number in range(1, OF_ONE_ADDRESS):
        callers.of(keys(str(number)), "x")[Provider.PIXAI]
    assert callers.of(keys("0"), "x")[Provider.PIXAI] is first

    callers.of(keys("one too many"), "x")[Provider.PIXAI]

    assert callers.of(keys("0"), "x")[Provider.PIXAI] is first
    assert callers.of(keys("other"), "other")[Provider.PIXAI] is other
    before = len(made.names)
    callers.of(keys("1"), "x")[Provider.PIXAI]
    assert len(made.names) == before + 1
    await callers.close()


async def test_all_addresses_together_are_bounded() -> None:
    """A refused one goes first, however new it is."""
    made = Made()
    callers = CallerAccounts(made, 60)
    accounts = [callers.of(keys(str(n)), str(n))[Provider.PIXAI] for n in range(ALL)]
    fail(accounts[-1].breaker, REFUSED)

    callers.of(keys("new"), "new")[Provider.PIXAI]

    assert callers.of(keys("0"), "0")[Provider.PIXAI] is accounts[0]
    assert callers.of(keys(str(ALL - 1)), str(ALL - 1))[Provider.PIXAI] is not accounts[-1]
    await callers.close()
    assert len(made.closed) == len(made.names) == ALL + 2


@pytest.mark.parametrize("seconds", [0.01, 60.0])
async def test_an_account_that_has_made_room_is_closed_when_nobody_uses_it(seconds: float) -> None:
    """After the longest that a request takes, or with the process, whichever comes first; once."""
    made = Made()
    callers = CallerAccounts(made, seconds)
    accounts = [callers.of(keys(str(n)), "x")[Provider.PIXAI] for n in range(OF_ONE_ADDRESS + 1)]
    assert made.closed == []
    if seconds < 1:
        assert isinstance(accounts[0], _Named)
        async with asyncio.timeout(5):
            await accounts[0].is_closed.wait()
        assert made.closed == ["0"]

    await callers.close()

    assert sorted(made.closed) == sorted(made.names)


async def test_an_account_that_is_watched_is_not_closed() -> None:
    """A subscription outlasts the request that made it; once it is over, the account goes."""
    made = Made()
    callers = CallerAccounts(made, 0.01)
    first = callers.of(keys("0"), "10.0.0.1")[Provider.PIXAI]
    first.watch = watch = Told()

    for number in range(1, OF_ONE_ADDRESS + 1):
        callers.of(keys(str(number)), "10.0.0.1")[Provider.PIXAI]
    await asyncio.sleep(0.05)
    was_closed = list(made.closed)
    watch.is_idle = True
    assert isinstance(first, _Named)
    await first.is_closed.wait()

    assert (was_closed, made.closed) == ([], ["0"])
    await callers.close()
