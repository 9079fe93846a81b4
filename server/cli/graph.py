"""Whom a command asks: the sources, through a graph in this process, or a running server's graph."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from loaders.records import Provider
from server.cli import runtime

if TYPE_CHECKING:
    from loaders.sources import Sources
    from resolvers.writes import Writes
    from server.settings import Settings

JsonObject = Mapping[str, Any]  # as a graph answers


@dataclass(frozen=True, slots=True)
class Failure:
    """One error of an answer. path: where it stands; () where the whole operation failed.

    provider: the source that failed; None where none did.
    """

    code: str
    message: str
    path: tuple[str | int, ...] = ()
    provider: Provider | None = None

    @classmethod
    def read(cls, error: JsonObject) -> Failure:
        """From the error as a graph answers it."""
        extensions = error.get("extensions") or {}
        return cls(
            str(extensions.get("code", "INTERNAL")),
            str(error.get("message", "")),
            tuple(error.get("path") or ()),
            Provider(extensions["provider"]) if extensions.get("provider") else None,
        )


class Interrupted(Exception):
    """The connection of a subscription broke: it may be begun again. The message is a sentence."""


@dataclass(frozen=True, slots=True)
class Answer:
    """data: None where nothing was executed."""

    data: JsonObject | None
    failures: Sequence[Failure] = ()


class Graph(Protocol):
    """Answers queries."""

    is_local: bool

    @property
    def calls(self) -> int | None:
        """Upstream calls made so far; None where a server makes them, which does not tell."""
        ...

    async def ask(self, query: str, variables: JsonObject) -> Answer:
        """Raises ServerUnavailable."""
        ...

    async def change(self, mutation: str, variables: JsonObject) -> Answer:
        """Sent once. Raises ServerUnavailable, after which nobody knows whether it was carried out."""
        ...

    def subscribe(self, query: str, variables: JsonObject) -> AsyncGenerator[Answer, None]:
        """The answers of a subscription, until it completes. Raises ServerUnavailable, Interrupted."""
        ...


class LocalGraph:
    """Over sources that are open. It has no permalinks, because nobody serves them.

    writes: None where nothing is changed.
    """

    is_local = True

    def __init__(self, settings: Settings, sources: Sources, writes: Writes | None = None) -> None:
        from schema import schema

        self._graph = schema
        self._settings = settings
        self._sources = sources
        self._writes = writes

    @property
    def calls(self) -> int:
        """HTTP requests, retries included."""
        return self._sources.calls

    async def ask(self, query: str, variables: JsonObject) -> Answer:
        """Each query with a deadline and dataloaders of its own."""
        context = runtime.context(self._settings, self._sources, self._writes)
        result = await self._graph.execute(query, variable_values=dict(variables), context_value=context)
        failures = [Failure.read(error.formatted) for error in result.errors or ()]
        return Answer(result.data, failures)

    async def change(self, mutation: str, variables: JsonObject) -> Answer:
        """As any other operation."""
        return await self.ask(mutation, variables)

    async def subscribe(self, query: str, variables: JsonObject) -> AsyncGenerator[Answer, None]:
        """Each event with a deadline and dataloaders of its own."""
        context = runtime.context(self._settings, self._sources)
        stream = await self._graph.subscribe(query, variable_values=dict(variables), context_value=context)
        async with aclosing(stream) as results:
            async for result in results:
                yield Answer(result.data, [Failure.read(error.formatted) for error in result.errors or ()])


@asynccontextmanager
async def opened(server: str | None, *, shows_urls: bool, writes: bool = False) -> AsyncIterator[Graph]:
    """server: the URL of a running one; None: the sources of the settings.

    shows_urls: whether the command prints addresses, which a sandbox of its own takes with it. writes:
    whether it changes anything, for which idempotency keys are kept.
    """
    if server is None:
        settings = runtime.settings()
        async with runtime.sources(settings, shows_urls=shows_urls) as sources:
            if not writes:
                yield LocalGraph(settings, sources)
                return
            from server.state import open_writes

            async with open_writes(settings, sources) as opened_writes:
                yield LocalGraph(settings, sources, opened_writes)
        return
    from server.cli.remote import RemoteGraph

    async with RemoteGraph(server) as graph:
        yield graph
