"""Whether each configured source answers with its key: one cheap call per server, through its account.

The call is a look-up of an id that nobody has: whoever answers it has accepted the key. A source of two
servers (Midjourney) is asked at both.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum

from loaders.account import Account
from loaders.errors import OutOfCredit, Refused, Rejected, SourceError, Throttled, TimedOut, Unreachable
from loaders.listing import Listing
from loaders.records import Provider
from loaders.retry import timed_out
from loaders.sources import Sources
from resolvers.context import RequestContext

SECONDS = 10.0  # for one source
AGAIN = 60.0  # seconds after which a source that did not work is asked again
_NOBODY = {
    Provider.PIXAI: "0",
    Provider.MESHY: "image-to-image:00000000-0000-0000-0000-000000000000",
    Provider.MIDJOURNEY: "0",
}


class State(StrEnum):
    """How a source stands, in the words of `/readyz`."""

    AVAILABLE = "available"
    REFUSED = "key refused"
    UNREACHABLE = "unreachable"
    OUT_OF_CREDIT = "out of credit"
    THROTTLED = "throttled"
    FAILING = "failing"

    @classmethod
    def of(cls, error: SourceError | None) -> State:
        """What an error says about its source. One that concerns a single request says nothing."""
        match error:
            case None | Rejected():
                return cls.AVAILABLE
            case Refused():
                return cls.REFUSED
            case OutOfCredit():
                return cls.OUT_OF_CREDIT
            case Unreachable() | TimedOut():
                return cls.UNREACHABLE
            case Throttled():
                return cls.THROTTLED
            case _:
                return cls.FAILING


@dataclass(frozen=True, slots=True)
class Finding:
    """One server. error: None where it works."""

    provider: Provider
    origin: str
    error: SourceError | None = None

    @property
    def state(self) -> State:
        """What the error says."""
        return State.of(self.error)


async def check(sources: Sources, provider: Provider) -> list[Finding]:
    """A finding for each of its servers. The provider must be configured."""
    account = sources.own()[provider]
    origins = sources.origins()[provider]
    context = RequestContext(sources.own(), SECONDS)
    outcome = (await account.reads.tasks.get([_NOBODY[provider]], context.budget)).get(_NOBODY[provider])
    error = outcome if isinstance(outcome, SourceError) else None
    told = account.breaker.last_error
    if len(origins) == 1 or account.lists is None:
        return [Finding(provider, origins[-1], told or _of_key(error))]
    # midjourney-proxy is asked first, and has a breaker of its own; new-api for what it does not know
    newapi, proxy = origins
    if told is None and not isinstance(error, TimedOut):
        return [Finding(provider, newapi, error), Finding(provider, proxy)]
    return [Finding(provider, newapi, await _list_error(account)), Finding(provider, proxy, told or error)]


def _of_key(error: SourceError | None) -> SourceError | None:
    """An answer about that id alone came with the key accepted."""
    return error if isinstance(error, Refused | OutOfCredit | Throttled | TimedOut | Unreachable) else None


async def _list_error(account: Account) -> SourceError | None:
    assert account.lists is not None, "asked only where it lists"
    try:
        async with asyncio.timeout(SECONDS):
            await anext(account.lists.walk(Listing(size=1)), None)
    except SourceError as error:
        return error
    except TimeoutError:
        return timed_out(account.provider)
    return None


async def try_everybodys_list(account: Account) -> None:
    """One call of the list that only administrators may read; the account remembers whether it may."""
    if account.provider is Provider.MIDJOURNEY and account.lists is not None:
        with suppress(SourceError, TimeoutError):
            async with asyncio.timeout(SECONDS):
                await anext(account.lists.walk(Listing(size=1, all_owners=True)), None)


class Checks:
    """What is known of the sources while a server runs: checked at its start, and until they work.

    Those that the sandbox stands in for are not checked, and asked only what they may list.
    """

    def __init__(self, sources: Sources, report: Callable[[Finding], None]) -> None:
        self._sources = sources
        self._report = report
        self._findings: dict[Provider, Sequence[Finding]] = {}
        self._running: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin, in the background; needs the running event loop."""
        sandboxed = self._sources.settings.sandboxed
        for provider, account in self._sources.own().items():
            first = try_everybodys_list(account) if provider in sandboxed else self._until_it_works(provider)
            self._running.append(asyncio.create_task(first))

    async def finished(self) -> None:
        """Once every source works; those that do not are asked again and again."""
        await asyncio.gather(*self._running)

    async def stop(self) -> None:
        """Let go of what is under way."""
        for task in self._running:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    def error(self, provider: Provider) -> SourceError | None:
        """Why the source does not work, as far as is known; None where it works or nobody has asked."""
        found: Iterable[Finding] = self._findings.get(provider, ())
        return next((finding.error for finding in found if finding.error is not None), None)

    async def _until_it_works(self, provider: Provider) -> None:
        told: set[tuple[str, State]] = set()
        while True:
            found = await check(self._sources, provider)
            self._findings[provider] = found
            failing = [finding for finding in found if finding.state is not State.AVAILABLE]
            for finding in failing:
                if (finding.origin, finding.state) not in told:
                    self._report(finding)
            told = {(finding.origin, finding.state) for finding in failing}
            if not failing:
                await try_everybodys_list(self._sources.own()[provider])
                return
            await asyncio.sleep(AGAIN)
