"""`triptych serve`."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from loaders.records import Provider
from server.cli import runtime
from server.example import TASK
from server.os_errors import reason

if TYPE_CHECKING:
    from loaders.sources import Sources
    from server.checks import Finding
    from server.settings import Settings


def _host(text: str | None) -> str | None:
    """Checked here, so that the option is named, not the setting that it overrides."""
    if text is None:
        return None
    from server import setting_text

    try:
        return setting_text.host(text.strip())
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not a host name or address") from None


def serve(
    host: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS", callback=_host, help="Address to listen on [TRIPTYCH_HOST, 127.0.0.1]."
        ),
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(
            metavar="PORT", callback=runtime.port, help="Port; 0 takes a free one [TRIPTYCH_PORT, 8000]."
        ),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, max=64, help="Processes that serve the port [TRIPTYCH_WORKERS, 1]."),
    ] = None,
) -> None:
    """Serve the graph, with the sandbox behind it where no source is configured.

    Settings are environment variables, or lines of .env. SIGTERM and Ctrl-C stop
    it as soon as running requests are answered.
    """
    from server import documents, logs, run
    from server import workers as several
    from server.app import graph
    from server.settings import SettingsError

    settings = runtime.settings(host=host, port=port, workers=workers)
    logs.configure(settings.log, sys.stderr)
    try:
        trusted = documents.trusted(settings)
    except SettingsError as error:
        runtime.fail(str(error), code=2)
    try:
        bound = run.listen(settings.host, settings.port)
    except OSError as error:
        runtime.fail(
            f"cannot listen on {settings.host}:{settings.port}: {reason(error)}; try another --port",
            code=1,
        )

    def announce(sources: Sources, origin: str) -> None:
        _announce(settings, sources, origin)

    async def name_refused() -> None:
        async for sentence in documents.refused(trusted, settings, graph()):
            typer.echo(sentence, err=True)

    serving = run.serve if settings.workers == 1 else several.serve

    async def program() -> None:
        naming = asyncio.create_task(name_refused())
        try:
            await serving(settings, bound, announce, _report)
        finally:
            naming.cancel()

    with bound:
        try:
            runtime.run(program())
        except several.WorkerFailed:
            runtime.fail("a worker ended before it could serve", code=1)


def _report(finding: Finding) -> None:
    assert finding.error is not None, "a source that works is no news"
    typer.echo(
        f"{finding.provider.label} at {finding.origin}: {finding.state.value} ({finding.error.message}); "
        "its fields fail until that changes",
        err=True,
    )


def _announce(settings: Settings, sources: Sources, origin: str) -> None:
    pages = f" ({origin}/ in a browser)" if settings.has_pages else ""
    if settings.has_graphiql:
        pages = f" (GraphiQL in a browser; {origin}/ shows pictures)"
    typer.echo(f"Triptych serves {origin}/graphql{pages}")
    for provider in Provider:
        typer.echo(f"  {provider.label}: {_standing(settings, sources, provider)}")
    if settings.has_pages:  # else the example is no trusted document
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
