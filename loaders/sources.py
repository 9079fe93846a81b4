"""The three sources, for the life of the process: who is configured, and the accounts in use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from cachetools import LRUCache

from loaders.account import Account
from loaders.credentials import Credential, Credentials
from loaders.pixai.account import PixaiAccount
from loaders.pixai.client import ORIGIN as PIXAI
from loaders.pixai.client import PixaiClient
from loaders.records import Provider

GUESTS = 256  # accounts of callers with keys of their own, kept warm at once


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSettings:
    """Where the sources are, whose keys the server has, and how much they are asked at once.

    pixai_chunk: ids a document. deadline: seconds for one fetch, retries included.
    sandboxed: providers that the sandbox stands in for.
    """

    credentials: Credentials = field(default_factory=dict)
    pixai_url: str = PIXAI
    pixai_chunk: int = 25
    deadline: float = 30.0
    sandboxed: frozenset[Provider] = frozenset()


class Sources:
    """`async with Sources(settings) as sources:` opens the connection pools; nothing is called yet."""

    def __init__(self, settings: SourceSettings) -> None:
        self.settings = settings
        self._pixai = PixaiClient(settings.pixai_url)
        self._own: dict[Provider, Account] = {}
        self._guests: LRUCache[tuple[Provider, str], Account] = LRUCache(GUESTS)

    async def __aenter__(self) -> Sources:
        await self._pixai.open()
        self._own = {
            provider: self._make(provider, credential)
            for provider, credential in self.settings.credentials.items()
        }
        return self

    async def __aexit__(self, *_: object) -> None:
        for account in [*self._own.values(), *self._guests.values()]:
            await account.close()
        await self._pixai.close()

    def own(self) -> Mapping[Provider, Account]:
        """The accounts of the server's own keys."""
        return self._own

    def origins(self) -> Mapping[Provider, str]:
        """Where the configured sources are."""
        return {provider: url for provider, url in self._origins().items() if provider in self._own}

    def _origins(self) -> dict[Provider, str]:
        return {Provider.PIXAI: self.settings.pixai_url}

    @property
    def calls(self) -> int:
        """HTTP requests made so far, retries included."""
        return self._pixai.calls

    def of_caller(self, credentials: Credentials) -> Mapping[Provider, Account]:
        """The accounts of a caller's keys; one that was here before finds its caches again."""
        return {provider: self._guest(provider, found) for provider, found in credentials.items()}

    def _guest(self, provider: Provider, credential: Credential) -> Account:
        name = (provider, credential.fingerprint)
        account = self._guests.get(name)
        if account is None:
            account = self._guests[name] = self._make(provider, credential)
        return account

    def _make(self, provider: Provider, credential: Credential) -> Account:
        match provider:
            case Provider.PIXAI:
                return PixaiAccount(
                    self._pixai,
                    credential,
                    chunk=self.settings.pixai_chunk,
                    seconds=self.settings.deadline,
                )
            case _:
                raise NotImplementedError(provider)
