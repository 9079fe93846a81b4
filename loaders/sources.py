"""The three sources, for the life of the process: who is configured, and the accounts in use."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

from aiolimiter import AsyncLimiter
from cachetools import LRUCache

from loaders.account import Account
from loaders.credentials import Credential, Credentials
from loaders.meshy.account import MeshyAccount
from loaders.meshy.client import ORIGIN as MESHY
from loaders.meshy.client import MeshyClient
from loaders.midjourney.account import MidjourneyAccount
from loaders.midjourney.newapi.client import NewapiClient, TimeUnit
from loaders.midjourney.proxy.client import MjProxyClient
from loaders.pixai.account import PixaiAccount
from loaders.pixai.client import ORIGIN as PIXAI
from loaders.pixai.client import PixaiClient
from loaders.records import Provider

GUESTS = 32  # accounts of callers with keys of their own, kept warm at once


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSettings:
    """Where the sources are, whose keys the server has, and how much they are asked at once.

    newapi_url, mj_url: None where that half of Midjourney is not there. newapi_unit: of its time filters.
    mj_auth: bearer, authorization-raw or mj-api-secret. pixai_chunk: ids a document.
    deadline: seconds for one fetch, retries included. source_deadline: seconds that one call may stay without
    any answer. sandboxed: providers that the sandbox stands in for.
    """

    credentials: Credentials = field(default_factory=dict)
    pixai_url: str = PIXAI
    pixai_chunk: int = 25
    meshy_url: str = MESHY
    newapi_url: str | None = None
    newapi_unit: TimeUnit = "ms"
    mj_url: str | None = None
    mj_auth: str = "bearer"
    deadline: float = 30.0
    source_deadline: float = 8.0
    sandboxed: frozenset[Provider] = frozenset()


class Sources:
    """`async with Sources(settings) as sources:` opens the connection pools; nothing is called yet."""

    def __init__(self, settings: SourceSettings) -> None:
        self.settings = settings
        self._pixai = PixaiClient(settings.pixai_url)
        self._meshy = MeshyClient(settings.meshy_url)
        self._newapi = (
            NewapiClient(settings.newapi_url, settings.newapi_unit) if settings.newapi_url else None
        )
        self._mj = MjProxyClient(settings.mj_url, settings.mj_auth) if settings.mj_url else None
        self._own: dict[Provider, Account] = {}
        self._guests: LRUCache[tuple[Provider, str], Account] = LRUCache(GUESTS)
        self._opened = AsyncExitStack()

    async def __aenter__(self) -> Sources:
        for client in self._clients:
            await client.open()
            self._opened.push_async_callback(client.close)
        made = {
            name: self._account(name, found, is_own=True) for name, found in self.settings.credentials.items()
        }
        self._own = {name: account for name, account in made.items() if account is not None}
        return self

    async def __aexit__(self, *_: object) -> None:
        for account in [*self._own.values(), *self._guests.values()]:
            await account.close()
        await self._opened.aclose()

    @property
    def calls(self) -> int:
        """HTTP requests made so far, retries included."""
        return sum(client.calls for client in self._clients)

    def own(self) -> Mapping[Provider, Account]:
        """The accounts of the server's own keys."""
        return self._own

    def of_caller(self, credentials: Credentials) -> Mapping[Provider, Account]:
        """The accounts of a caller's keys; one that was here before finds its caches again."""
        found: dict[Provider, Account] = {}
        for provider, credential in credentials.items():
            name = (provider, credential.fingerprint)
            account = self._guests.get(name) or self._account(provider, credential, is_own=False)
            if account is not None:
                found[provider] = self._guests[name] = account
        return found

    def origins(self) -> Mapping[Provider, tuple[str, ...]]:
        """Where the configured sources are; Midjourney may be in two places."""
        halves = [client.origin for client in (self._newapi, self._mj) if client is not None]
        every = {
            Provider.PIXAI: (self._pixai.origin,),
            Provider.MESHY: (self._meshy.origin,),
            Provider.MIDJOURNEY: tuple(halves),
        }
        return {provider: every[provider] for provider in self._own}

    @property
    def _clients(self) -> list[PixaiClient | MeshyClient | NewapiClient | MjProxyClient]:
        every = (self._pixai, self._meshy, self._newapi, self._mj)
        return [client for client in every if client is not None]

    def _account(self, provider: Provider, credential: Credential, *, is_own: bool) -> Account | None:
        """None where this server does not know the source's address.

        is_own: the server's own; midjourney-proxy is asked without a key then, if it has none.
        """
        seconds = self.settings.deadline
        silence = min(self.settings.source_deadline, seconds)
        match provider:
            case Provider.PIXAI:
                chunk = self.settings.pixai_chunk
                return PixaiAccount(self._pixai, credential, chunk=chunk, seconds=seconds, silence=silence)
            case Provider.MESHY:
                # the sandbox has no such limit, and nobody's queue to keep
                pace = AsyncLimiter(1000, 1) if Provider.MESHY in self.settings.sandboxed else None
                return MeshyAccount(self._meshy, credential, seconds=seconds, silence=silence, pace=pace)
            case Provider.MIDJOURNEY:
                mj = self._mj if is_own or "mj_key" in credential.secrets else None
                newapi = self._newapi if "newapi_token" in credential.secrets else None
                if newapi is None and mj is None:
                    return None
                return MidjourneyAccount(newapi, mj, credential, seconds=seconds, silence=silence)
