"""The state that outlives a process: what became of writes under idempotency keys."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import platformdirs

from loaders.sources import Sources
from resolvers.idempotency.sqlite import SqliteStore
from resolvers.idempotency.store import StateUnavailable
from resolvers.writes import Writes
from server.settings import PREFIX, Settings

NAME = "state.db"


class StateNotOpened(Exception):
    """The message says which file, why not, and what to do, in one sentence."""


@asynccontextmanager
async def open_writes(settings: Settings, sources: Sources) -> AsyncIterator[Writes]:
    """Opens the state now, and at the end waits for writes that are under way. Raises StateNotOpened."""
    path = _path(settings, sources)
    store = SqliteStore() if path is None else SqliteStore(path)
    temporary = sources.settings.sandboxed if settings.state is None else frozenset()
    writes = Writes(store, settings.write_seconds, temporary)
    try:
        if path is not None:
            await _open(store, path)
        yield writes
    finally:
        await writes.close(writes.seconds + writes.margin)


def shared(settings: Settings, sources: Sources, directory: Path) -> Settings:
    """The same for several processes: a state that would be kept in memory is a file in the directory."""
    if _path(settings, sources) is not None:
        return settings
    return settings.model_copy(update={"state": directory / NAME})


async def _open(store: SqliteStore, path: Path) -> None:
    try:
        await store.open()
    except StateUnavailable as error:
        raise StateNotOpened(f"{error.message} ({PREFIX}STATE={path})") from None


def _path(settings: Settings, sources: Sources) -> Path | None:
    if settings.state is not None:
        return settings.state
    is_temporary = not settings.passthrough and sources.own().keys() <= sources.settings.sandboxed
    return None if is_temporary else platformdirs.user_state_path("triptych", appauthor=False) / NAME
