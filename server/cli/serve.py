"""`triptych serve`."""

from __future__ import annotations

import asyncio
from typing import Annotated
from urllib.parse import urlsplit

import typer

from loaders.records import Provider
from loaders.sources import Sources
from server.cli import configured
from server.example import TASK
from server.run import listen
from server.run import serve as run_server

_probes: set[asyncio.Task[None]] = set()


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on. [TRIPTYCH_HOST]")] = None,
    port: Annotated[int | None, typer.Option(help="Port; 0 takes a free one. [TRIPTYCH_PORT]")] = None,
) -> None:
    """Serve the graph, with the sandbox behind it where no source is configured."""
    settings = configured.settings(host=host, port=port)
    try:
        bound = listen(settings.host, settings.port)
    except OSError as error:
        configured.fail(
            f"cannot listen on {settings.host}:{settings.port}: {error.strerror or error}; "
            "another TRIPTYCH_PORT or --port may be free",
            code=1,
        )
    with bound:
        configured.run(run_server(settings, bound, _announce))


def _announce(sources: Sources, origin: str) -> None:
    typer.echo(f"Triptych serves {origin}/graphql (GraphiQL in a browser)")
    for provider in Provider:
        typer.echo(f"  {provider.label}: {_standing(sources, provider)}")
    query = f'{{ task(id: \\"{TASK}\\") {{ status media {{ url seed {{ value }} }} }} }}'
    typer.echo(
        f"Try: curl {origin}/graphql -H 'content-type: application/json' -d '{{\"query\":\"{query}\"}}'"
    )
    for provider, url in sources.origins().items():
        probe = asyncio.get_running_loop().create_task(_probe(provider, url))
        _probes.add(probe)
        probe.add_done_callback(_probes.discard)


def _standing(sources: Sources, provider: Provider) -> str:
    if provider not in sources.own():
        return "not configured"
    where = sources.origins()[provider]
    return f"sandbox at {where}" if provider in sources.settings.sandboxed else where


async def _probe(provider: Provider, url: str) -> None:
    # a connection, no call: whether the source is there at all
    parts = urlsplit(url)
    try:
        async with asyncio.timeout(5):
            _, writer = await asyncio.open_connection(
                parts.hostname, parts.port or (443 if parts.scheme == "https" else 80)
            )
    except (OSError, TimeoutError):
        typer.echo(
            f"{provider.label} at {url} cannot be reached now; its fields will say so until it can", err=True
        )
    else:
        writer.close()
