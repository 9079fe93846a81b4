"""Pictures by id, with their URLs, for commands: from the sources, or from a running server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from loaders import coerce
from loaders.errors import TriptychError
from loaders.records import MediaDetails, MediaKind, MediaRecord, MediaUrl, MediaVariant, Provider
from server.cli import runtime
from server.cli.graph import Failure, Graph, JsonObject

if TYPE_CHECKING:
    from loaders.sources import Sources
    from server.settings import Settings

REMOTE_BATCH = 100  # ids of one request: an answer has at most 100 errors
REMOTE_REQUESTS = 4  # at once

_QUERY = """
query Pictures($ids: [ID!]!, $withTask: Boolean!) {
  mediaById(ids: $ids) {
    id provider providerId kind width height contentType
    urls { variant url expiresAt }
    task @include(if: $withTask) { id createdAt }
  }
}
"""


@dataclass(frozen=True, slots=True)
class Picture:
    """record: with details. task: its task's global id. created: of the task. None: unknown."""

    record: MediaRecord
    task: str | None = None
    created: datetime | None = None


Found = Picture | Failure | None  # None: there is no such picture


class Pictures(Protocol):
    """Looks pictures up. window: how many ids it likes to get at once."""

    window: int

    @property
    def calls(self) -> int | None:
        """Upstream calls made so far; None where not told."""
        ...

    async def find(self, ids: Sequence[str], *, with_task: bool = False) -> list[Found]:
        """In the order of the ids. with_task: whether `created` is wanted. Raises ServerUnavailable."""
        ...


class LocalPictures:
    """From the sources."""

    def __init__(self, settings: Settings, sources: Sources) -> None:
        self.window = 40 * settings.pixai_chunk  # full batches, so that memory does not grow with the ids
        self._settings = settings
        self._sources = sources

    @property
    def calls(self) -> int:
        """HTTP requests, retries included."""
        return self._sources.calls

    async def find(self, ids: Sequence[str], *, with_task: bool = False) -> list[Found]:
        """Each call with dataloaders of its own: they keep every key."""
        from resolvers import media
        from resolvers.context import RequestContext

        limits = self._settings.budget_limits()
        context = RequestContext(self._sources.own(), self._settings.deadline, limits=limits)
        outcomes = await media.by_ids(context, ids)

        async def picture(outcome: MediaRecord | TriptychError | None) -> Found:
            if isinstance(outcome, TriptychError):
                return Failure(outcome.code.value, outcome.message)
            if outcome is None or outcome.details is None:
                return None
            if outcome.task_key is None:
                return Picture(outcome)
            task_id = f"task:{outcome.provider.value.lower()}:{outcome.task_key}"
            return Picture(outcome, task_id, await created(outcome) if with_task else None)

        async def created(record: MediaRecord) -> datetime | None:
            from resolvers.tasks.by_id import of_key

            try:
                task = await context.settle(of_key(record.provider, record.task_key))
            except TriptychError:  # the picture is there, whatever became of its task
                return None
            return None if task is None else task.created_at

        return list(await asyncio.gather(*map(picture, outcomes)))


class RemotePictures:
    """From a running server."""

    window = REMOTE_BATCH * REMOTE_REQUESTS

    def __init__(self, graph: Graph) -> None:
        self._graph = graph

    @property
    def calls(self) -> None:
        """Not told."""

    async def find(self, ids: Sequence[str], *, with_task: bool = False) -> list[Found]:
        """A request per 100 ids, all at once."""
        batches = [ids[at : at + REMOTE_BATCH] for at in range(0, len(ids), REMOTE_BATCH)]
        found = await asyncio.gather(*(self._batch(batch, with_task) for batch in batches))
        return [one for batch in found for one in batch]

    async def _batch(self, ids: Sequence[str], with_task: bool) -> list[Found]:
        answer = await self._graph.ask(_QUERY, {"ids": list(ids), "withTask": with_task})
        failures = {failure.path[:2]: failure for failure in reversed(answer.failures)}
        whole = next((failure for failure in answer.failures if len(failure.path) < 2), None)
        if answer.data is None:
            return [whole or Failure("INTERNAL", "the server answered without data")] * len(ids)
        nodes = answer.data.get("mediaById") or [None] * len(ids)
        return [_picture(node, failures.get(("mediaById", place), whole)) for place, node in enumerate(nodes)]


def _picture(node: JsonObject | None, failure: Failure | None) -> Found:
    if node is None or node.get("urls") is None:
        return failure
    provider = Provider(node["provider"])
    task = node.get("task") or {}
    record = MediaRecord(
        id=node["id"],
        provider=provider,
        provider_id=node["providerId"],
        key=node["id"].split(":", 2)[2],
        details=MediaDetails(
            kind=None if node["kind"] is None else MediaKind(node["kind"]),
            width=node["width"],
            height=node["height"],
            content_type=node["contentType"],
            urls=tuple(map(_url, node["urls"])),
        ),
    )
    return Picture(record, task.get("id"), coerce.time(task.get("createdAt")))


def _url(node: JsonObject) -> MediaUrl:
    return MediaUrl(
        variant=MediaVariant(node["variant"]), url=node["url"], expires_at=coerce.time(node["expiresAt"])
    )


@asynccontextmanager
async def opened(server: str | None, *, shows_urls: bool) -> AsyncIterator[Pictures]:
    """server: the URL of a running one; None: the sources of the settings.

    shows_urls: whether the command prints addresses, which a sandbox of its own takes with it.
    """
    if server is None:
        settings = runtime.settings()
        async with runtime.sources(settings, shows_urls=shows_urls) as sources:
            yield LocalPictures(settings, sources)
        return
    from server.cli.remote import RemoteGraph

    async with RemoteGraph(server) as graph:
        yield RemotePictures(graph)
