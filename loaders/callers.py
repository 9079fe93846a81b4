"""The accounts of callers with keys of their own: bounded, and made only when a source is asked.

Anybody may come with any number of keys. So each address keeps its own few, and a key that its source refuses
goes first: a caller whose key is good keeps his caches and his breaker.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from loaders.account import Account
from loaders.credentials import Credential, Credentials
from loaders.errors import Refused
from loaders.records import Provider

ALL = 256  # accounts kept at once; what they remember is bounded for the process (loaders.cache)
OF_ONE_ADDRESS = 32  # behind a proxy that hides them, all callers have one


@dataclass(frozen=True, slots=True)
class _Kept:
    account: Account
    address: str

    @property
    def is_refused(self) -> bool:
        return isinstance(self.account.breaker.last_error, Refused)


class CallerAccounts:
    """make: an account for a credential; None where there is nothing to ask with it.

    seconds: how long after it has made space an account is closed: by then nothing of it is in use.
    """

    def __init__(self, make: Callable[[Provider, Credential], Account | None], seconds: float) -> None:
        self._make = make
        self._seconds = seconds
        self._kept: OrderedDict[tuple[Provider, str], _Kept] = OrderedDict()
        self._closing: dict[Account, asyncio.TimerHandle] = {}
        self._closed: set[asyncio.Task[None]] = set()

    def of(self, credentials: Credentials, address: str) -> Mapping[Provider, Account]:
        """One caller's."""
        return _Lazily(credentials, lambda provider: self._account(provider, credentials[provider], address))

    def kept(self, provider: Provider) -> Iterable[Account]:
        """Those of one provider that are here now."""
        found = [*self._closing, *(kept.account for kept in self._kept.values())]
        return [account for account in found if account.provider is provider]

    async def close(self) -> None:
        """Let go of all of them."""
        for handle in self._closing.values():
            handle.cancel()
        accounts = [*self._closing, *(kept.account for kept in self._kept.values())]
        self._closing.clear()
        self._kept.clear()
        for account in accounts:
            await account.close()
        await asyncio.gather(*self._closed)

    def _account(self, provider: Provider, credential: Credential, address: str) -> Account | None:
        name = (provider, credential.fingerprint)
        if (kept := self._kept.get(name)) is not None:
            self._kept.move_to_end(name)
            return kept.account
        account = self._make(provider, credential)
        if account is not None:
            self._make_room(address)
            self._kept[name] = _Kept(account, address)
        return account

    def _make_room(self, address: str) -> None:
        # the refused ones first, then those that were not used for longest
        here = {name: kept for name, kept in self._kept.items() if kept.address == address}
        for among, most in ((here, OF_ONE_ADDRESS), (self._kept, ALL)):
            if len(among) >= most:
                name = next((name for name, kept in among.items() if kept.is_refused), next(iter(among)))
                self._close_later(self._kept.pop(name).account)
                return

    def _close_later(self, account: Account) -> None:
        self._closing[account] = asyncio.get_running_loop().call_later(self._seconds, self._close, account)

    def _close(self, account: Account) -> None:
        del self._closing[account]
        if account.watch is not None and not account.watch.is_idle:  # subscriptions outlast requests
            self._close_later(account)
            return
        closing = asyncio.create_task(account.close())
        self._closed.add(closing)
        closing.add_done_callback(self._closed.discard)


class _Lazily(Mapping[Provider, Account]):
    """Those that there are keys for; each is made when it is looked up, and stays for this operation."""

    def __init__(self, credentials: Credentials, make: Callable[[Provider], Account | None]) -> None:
        self._credentials = credentials
        self._make = make
        self._made: dict[Provider, Account | None] = {}

    def __getitem__(self, provider: Provider) -> Account:
        if provider not in self._made:
            self._made[provider] = self._make(provider) if provider in self._credentials else None
        account = self._made[provider]
        if account is None:
            raise KeyError(provider)
        return account

    def __iter__(self) -> Iterator[Provider]:
        return (provider for provider in self._credentials if self.get(provider) is not None)

    def __len__(self) -> int:
        return sum(1 for _ in self)
