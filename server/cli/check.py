"""`triptych check`: whether each configured source answers with its key."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import typer

from loaders.records import Provider
from server.cli import runtime
from server.cli.media import FormatOption
from server.cli.table import Format, Rows

if TYPE_CHECKING:
    from server.settings import Settings

COLUMNS = ("source", "server", "state", "message")


def check(format: FormatOption = Format.TABLE) -> None:
    """Ask each configured source one cheap question with its key: a line per server.

    Exit code 0: all of them work; 1: some do not (key refused, unreachable, out of
    credit, throttled, failing), or none is configured; 2: wrong usage.
    """
    rows = Rows(format, COLUMNS)
    works = runtime.run(_check(runtime.settings(), rows))
    if rows.has_cut:
        typer.echo(runtime.CUT, err=True)
    raise typer.Exit(0 if works else 1)


async def _check(settings: Settings, rows: Rows) -> bool:
    """Whether at least one is configured, and all that are work."""
    from server import checks

    async with runtime.sources(settings) as sources:
        configured = [provider for provider in Provider if provider in sources.own()]
        found = await asyncio.gather(*(checks.check(sources, provider) for provider in configured))
    by_provider = dict(zip(configured, found, strict=True))
    for provider in Provider:
        if provider not in by_provider:
            rows.write(_row(provider, None, "not configured", None))
        for finding in by_provider.get(provider, ()):
            works = finding.state is checks.State.AVAILABLE
            state = "works" if works else finding.state.value
            message = None if works or finding.error is None else finding.error.message
            rows.write(_row(provider, finding.origin, state, message))
    rows.flush()
    every = [finding for findings in found for finding in findings]
    return bool(every) and all(finding.state is checks.State.AVAILABLE for finding in every)


def _row(provider: Provider, server: str | None, state: str, message: str | None) -> dict[str, object]:
    return {"source": provider.label, "server": server, "state": state, "message": message}
