"""The sources, for the life of the process: where each is, whose keys there are, and the accounts in use."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import TypeAlias

from loaders import public_url
from loaders.account import Account
from loaders.callers import CallerAccounts
from loaders.changes import Changes
from loaders.credentials import Credential, Credentials
from loaders.http import SourceClient
from loaders.meshy.account import MeshyAccount, allowed_pace
from loaders.meshy.client import ORIGIN as MESHY
from loaders.meshy.client import MeshyClient
from loaders.midjourney.account import MidjourneyAccount
from loaders.midjourney.newapi.client import NewapiClient, TimeUnit
from loaders.midjourney.proxy.client import MjProxyClient
from loaders.observer import SILENT, Observer
from loaders.pace import Pace
from loaders.pixai.account import PixaiAccount
from loaders.pixai.client import ORIGIN as PIXAI
from loaders.pixai.client import PixaiClient
from loaders.pixai.watch import EVENTS as PIXAI_EVENTS
from loaders.records import Provider
from loaders.rhythm import USUAL, WATCHED, Places, Rhythm


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSettings:
    """Where the sources are, whose keys the server has, and what limits a call.

    newapi_url, mj_url: None where that half of Midjourney is not there. newapi_unit: of its time filters.
    mj_auth: bearer, authorization-raw or mj-api-secret. pixai_chunk: ids a document.
    deadline: seconds for one fetch, retries included. write_seconds: for one change. source_deadline: seconds
    that one call may stay without any answer. watched: tasks of a source watched at once; rhythm: how often.
    sandboxed: providers that the sandbox stands in for. workers: processes that share the keys, and what the
    sources allow them.
    """

    credentials: Credentials = field(default_factory=dict)
    pixai_url: str = PIXAI
    pixai_ws_url: str = PIXAI_EVENTS
    pixai_chunk: int = 25
    meshy_url: str = MESHY
    newapi_url: str | None = None
    newapi_unit: TimeUnit = "ms"
    mj_url: str | None = None
    mj_auth: str = "bearer"
    deadline: float = 30.0
    write_seconds: float = 30.0
    source_deadline: float = 8.0
    watched: int = WATCHED
    rhythm: Rhythm = USUAL
    sandboxed: frozenset[Provider] = frozenset()
    workers: int = 1

    def allowed_origins(self) -> frozenset[str]:
        """Of the sandbox, on loopback: URLs of its pictures pass where others have to be public."""
        places = {
            Provider.PIXAI: (self.pixai_url,),
            Provider.MESHY: (self.meshy_url,),
            Provider.MIDJOURNEY: (self.newapi_url, self.mj_url),
        }
        found = (place for provider in self.sandboxed for place in places[provider])
        return frozenset(public_url.origin(place) for place in found if place is not None)


@dataclass(frozen=True, slots=True)
class Source:
    """One provider, as this process reaches it. clients: each is one server.

    account: makes what can be asked with a credential; None where nothing can. is_own: the server's own
    credential (midjourney-proxy is asked without a key then, if there is none).
    """

    clients: Sequence[SourceClient]
    account: Callable[[Credential, bool], Account | None]


SourceFactory: TypeAlias = Callable[[SourceSettings, Observer], Source]


def _pixai(settings: SourceSettings, observer: Observer) -> Source:
    client = PixaiClient(settings.pixai_url, observer)
    allowed = settings.allowed_origins()
    places = Places(settings.watched)

    def account(credential: Credential, _is_own: bool) -> Account:
        return PixaiAccount(
            client,
            credential,
            chunk=settings.pixai_chunk,
            seconds=settings.deadline,
            write_seconds=settings.write_seconds,
            allowed=allowed,
            events_url=settings.pixai_ws_url,
            places=places,
            rhythm=settings.rhythm,
        )

    return Source((client,), account)


def _meshy(settings: SourceSettings, observer: Observer) -> Source:
    client = MeshyClient(settings.meshy_url, observer)
    allowed = settings.allowed_origins()
    places = Places(settings.watched)

    def account(credential: Credential, _is_own: bool) -> Account:
        # the sandbox has no such limit, and nobody's queue to keep
        pace = Pace(1000, 1) if Provider.MESHY in settings.sandboxed else allowed_pace(settings.workers)
        return MeshyAccount(
            client,
            credential,
            seconds=settings.deadline,
            write_seconds=settings.write_seconds,
            pace=pace,
            allowed=allowed,
            places=places,
            rhythm=settings.rhythm,
        )

    return Source((client,), account)


def _midjourney(settings: SourceSettings, observer: Observer) -> Source:
    newapi = (
        NewapiClient(settings.newapi_url, settings.newapi_unit, observer) if settings.newapi_url else None
    )
    proxy = MjProxyClient(settings.mj_url, settings.mj_auth, observer) if settings.mj_url else None
    allowed = settings.allowed_origins()
    places = Places(settings.watched)

    def account(credential: Credential, is_own: bool) -> Account | None:
        lookups = proxy if is_own or "mj_key" in credential.secrets else None
        lists = newapi if "newapi_token" in credential.secrets else None
        if lists is None and lookups is None:
            return None
        return MidjourneyAccount(
            lists,
            lookups,
            credential,
            seconds=settings.deadline,
            write_seconds=settings.write_seconds,
            allowed=allowed,
            places=places,
            rhythm=settings.rhythm,
        )

    return Source([client for client in (newapi, proxy) if client is not None], account)


FACTORIES: Mapping[Provider, SourceFactory] = {
    Provider.PIXAI: _pixai,
    Provider.MESHY: _meshy,
    Provider.MIDJOURNEY: _midjourney,
}


class Sources:
    """`async with Sources(settings) as sources:` opens the connection pools; nothing is called yet.

    observer: notified of every call. factories: how each provider is reached. changes: what its accounts
    hear of; None: this process alone hears it.
    """

    def __init__(
        self,
        settings: SourceSettings,
        observer: Observer = SILENT,
        factories: Mapping[Provider, SourceFactory] = FACTORIES,
        changes: Changes | None = None,
    ) -> None:
        self.settings = settings
        self.changes = changes or Changes()
        self._sources = {provider: factory(settings, observer) for provider, factory in factories.items()}
        self._own: dict[Provider, Account] = {}
        self._callers = CallerAccounts(self._account, settings.deadline)
        self._opened = AsyncExitStack()

    async def __aenter__(self) -> Sources:
        for client in self._clients():
            await client.open()
            self._opened.push_async_callback(client.close)
        for provider, credential in self.settings.credentials.items():
            account = self._account(provider, credential, is_own=True)
            if account is not None:
                self._own[provider] = account
        return self

    async def __aexit__(self, *_: object) -> None:
        for account in self._own.values():
            await account.close()
        await self._callers.close()
        await self._opened.aclose()

    @property
    def calls(self) -> int:
        """HTTP requests made so far, retries included."""
        return sum(client.calls for client in self._clients())

    def own(self) -> Mapping[Provider, Account]:
        """The accounts of the server's own keys."""
        return self._own

    def of_caller(self, credentials: Credentials, address: str = "") -> Mapping[Provider, Account]:
        """The accounts of a caller's keys, each made when it is looked up first.

        One that was here before finds its caches again. address: where the caller asks from; accounts are
        bounded for each.
        """
        return self._callers.of(credentials, address)

    def wake(self, provider: Provider, provider_id: str) -> None:
        """Somebody says that a task has changed: whoever watches it reads it again, with their own key."""
        accounts = [self._own[provider]] if provider in self._own else []
        for account in [*accounts, *self._callers.kept(provider)]:
            account.wake(provider_id)

    def origins(self) -> Mapping[Provider, tuple[str, ...]]:
        """Where the configured sources are; Midjourney may be in two places."""
        return {
            provider: tuple(client.origin for client in self._sources[provider].clients)
            for provider in self._own
        }

    def _clients(self) -> list[SourceClient]:
        return [client for source in self._sources.values() for client in source.clients]

    def _account(self, provider: Provider, credential: Credential, *, is_own: bool = False) -> Account | None:
        account = self._sources[provider].account(credential, is_own)
        if account is not None:
            account.fingerprint = credential.fingerprint
            account.changes = self.changes
        return account
