"""`triptych media`: any number of ids to URLs, in batches, in order, in bounded memory."""

from __future__ import annotations

import itertools
import sys
from collections.abc import AsyncIterator, Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

import resolvers.media
from loaders.errors import TriptychError
from loaders.records import MediaRecord, MediaVariant
from loaders.sources import Sources
from resolvers.context import Operation
from server.cli import configured
from server.cli.rows import Format, Rows
from server.run import open_sources
from server.settings import Settings

WINDOW = 1_000  # ids in work at once: memory stays the same for any number of them
COLUMNS = {"id": 30, "status": 24, "url": 0}


@dataclass(frozen=True, slots=True)
class Resolved:
    """One id's line. status: OK, NOT_FOUND, NO_URL or an error code; url: None unless OK."""

    id: str
    status: str
    url: str | None = None
    message: str | None = None


def media(
    ids: Annotated[
        list[str] | None, typer.Argument(help="Media ids: media:pixai:4596…, or pixai:4596… for short.")
    ] = None,
    source: Annotated[
        str | None, typer.Option("--from", help="A file with one id a line; - is standard input.")
    ] = None,
    variant: Annotated[
        MediaVariant, typer.Option(case_sensitive=False, help="The size wanted.")
    ] = MediaVariant.PUBLIC,
    format: Annotated[Format, typer.Option(help="How to print it.")] = Format.TABLE,
) -> None:
    """Resolve media ids to URLs: one line an id, in the order given.

    Exit code 0: all resolved; 1: some failed (marked in their lines, counted at the end); 2: bad use.
    """
    if not ids and source is None:
        configured.fail("no ids: give some, or --from FILE (- for standard input)", code=2)
    settings = configured.settings()
    try:
        opened = _open(source)
    except OSError as error:
        configured.fail(f"--from {source}: {error.strerror}", code=2)
    with opened as file:
        wanted = itertools.chain(ids or (), filter(None, map(str.strip, file)))
        total = len(ids or ()) if source is None else None
        failed = configured.run(_resolve_all(settings, wanted, variant, Rows(format, COLUMNS), total))
    raise typer.Exit(1 if failed else 0)


def _open(source: str | None) -> AbstractContextManager[Iterable[str]]:
    if source is None:
        return nullcontext(())
    return nullcontext(sys.stdin) if source == "-" else Path(source).open(encoding="utf-8")


async def _resolve_all(
    settings: Settings, ids: Iterable[str], variant: MediaVariant, rows: Rows, total: int | None
) -> int:
    done = failed = 0
    console = Console(stderr=True)
    progress = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    async with open_sources(settings) as sources:
        with progress:
            bar = progress.add_task("media", total=total)
            async for line in _resolve(sources, settings, ids, variant):
                rows.write({"id": line.id, "status": line.status, "url": line.url or line.message or ""})
                done += 1
                failed += line.status != "OK"
                progress.update(bar, advance=1)
        calls = sources.calls
    rows.flush()
    console.print(f"{done} ids, {failed} failed, {calls} upstream calls", highlight=False)
    return failed


async def _resolve(
    sources: Sources, settings: Settings, ids: Iterable[str], variant: MediaVariant
) -> AsyncIterator[Resolved]:
    source = iter(ids)
    while window := list(itertools.islice(source, WINDOW)):
        operation = Operation(sources.own(), settings.deadline)  # a new one: its loaders remember every key
        found = await resolvers.media.by_ids(operation, window)
        for id_, outcome in zip(window, found, strict=True):
            yield _line(id_, outcome, variant)


def _line(id_: str, outcome: MediaRecord | Exception | None, variant: MediaVariant) -> Resolved:
    if isinstance(outcome, TriptychError):
        return Resolved(id_, outcome.code.value, message=outcome.message)
    if isinstance(outcome, Exception):
        raise outcome
    if outcome is None or outcome.details is None:
        return Resolved(id_, "NOT_FOUND", message="there is no such picture")
    url = resolvers.media.best_url(outcome.details, variant, fallback=True)
    return (
        Resolved(id_, "NO_URL", message="it has no URL of that size")
        if url is None
        else Resolved(id_, "OK", url)
    )
