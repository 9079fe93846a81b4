"""Whether the configured sources can be reached: tried once at the start, in the background."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

import typer

from loaders.records import Provider

SECONDS = 5.0
_PORTS = {"http": 80, "https": 443}


class Probes:
    """One connection per address, without a request."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[None]] = set()

    def start(self, origins: Mapping[Provider, Sequence[str]]) -> None:
        """Begin; needs the running event loop."""
        for provider, places in origins.items():
            for origin in places:
                probe = asyncio.create_task(_probe(provider, origin))
                self._running.add(probe)
                probe.add_done_callback(self._running.discard)


async def _probe(provider: Provider, origin: str) -> None:
    parts = urlsplit(origin)
    try:
        async with asyncio.timeout(SECONDS):
            _, writer = await asyncio.open_connection(parts.hostname, parts.port or _PORTS[parts.scheme])
    except (OSError, TimeoutError):
        typer.echo(
            f"{provider.label} at {origin} cannot be reached; its fields fail until it can",
            err=True,
        )
    else:
        writer.close()
