"""`triptych serve`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from loaders.records import Provider
from server.cli import runtime
from server.cli.probe import Probes
from server.example import TASK
from server.os_errors import reason

if TYPE_CHECKING:
    from loaders.sources import Sources
    from server.settings import Settings


def serve(
    host: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Address to listen on [TRIPTYCH_HOST, 127.0.0.1].")
    ] = None,
    port: Annotated[
        int | None, typer.Option(metavar="PORT", help="Port; 0 takes a free one [TRIPTYCH_PORT, 8000].")
    ] = None,
) -> None:
    """Serve the graph, with the sandbox behind it where no source is configured.

    Settings are environment variables, or lines of .env. SIGTERM and Ctrl-C stop
    it as soon as running requests are answered.
    """
    from server import logs, run

    settings = runtime.settings(host=host, port=port)
    logs.configure(settings.log, sys.stderr)
    try:
        bound = run.listen(settings.host, settings.port)
    except OSError as error:
        runtime.fail(
            f"cannot listen on {settings.host}:{settings.port}: {reason(error)}; try another --port",
            code=1,
        )
    probes = Probes()

    def announce(sources: Sources, origin: str) -> None:
        _announce(settings, sources, origin)
        probes.start(sources.origins())

    with bound:
        runtime.run(run.serve(settings, bound, announce))


def _announce(settings: Settings, sources: Sources, origin: str) -> None:
    typer.echo(f"Triptych serves {origin}/graphql (GraphiQL in a browser; {origin}/ needs no internet)")
    for provider in Provider:
        typer.echo(f"  {provider.label}: {_standing(settings, sources, provider)}")
    typer.echo(f"Try: {_command(settings, sources, origin)}")


def _command(settings: Settings, sources: Sources, origin: str) -> str:
    query = "{ providers { provider isConfigured isAvailable } }"
    if Provider.PIXAI in sources.settings.sandboxed and not settings.passthrough:
        query = f'{{ task(id: \\"{TASK}\\") {{ status media {{ url seed {{ value }} }} }} }}'
    token = " -H 'authorization: Bearer YOUR-TOKEN'" if settings.tokens else ""
    return f"curl {origin}/graphql{token} -H 'content-type: application/json' -d '{{\"query\":\"{query}\"}}'"


def _standing(settings: Settings, sources: Sources, provider: Provider) -> str:
    if settings.passthrough:
        return "with the caller's own key"
    if provider not in sources.own():
        return "not configured"
    where = " and ".join(sources.origins()[provider])
    return f"sandbox at {where}" if provider in sources.settings.sandboxed else where
