"""One credential at one source: everything that its requests share."""

from __future__ import annotations

from collections.abc import Sequence

from loaders.batcher import Batcher
from loaders.breaker import Breaker
from loaders.listing import Lister
from loaders.records import Capability, MediaRecord, Provider, SeedRecord, TaskRecord


class Account:
    """What a source can be asked with one credential. A source makes one by filling these in.

    tasks, media: by their key at the source. seeds: by the task's key, where they take a call of their
    own (Midjourney); None where they come with the task. lister: None where it cannot list.
    capabilities: may shrink while running.
    """

    provider: Provider
    capabilities: frozenset[Capability]
    breaker: Breaker
    tasks: Batcher[TaskRecord]
    media: Batcher[MediaRecord]
    seeds: Batcher[tuple[SeedRecord, ...]] | None = None
    lister: Lister | None = None

    def keys_of(self, provider_id: str) -> list[str]:
        """The keys that a task with this upstream id may have here; [] where there can be none."""
        return [provider_id] if provider_id else []

    def remember(self, rows: Sequence[TaskRecord]) -> None:
        """What one step of a list has brought; told once by whoever drives the walk."""
        for row in rows:
            self.tasks.prime(row.key, row)

    async def image_url(self, _key: str) -> str | None:
        """A fresh address of a picture, from an endpoint made for it; None where there is none."""
        return None

    async def close(self) -> None:
        """Let go of what is under way."""
        for batcher in (self.tasks, self.media, self.seeds):
            if batcher is not None:
                await batcher.close()
