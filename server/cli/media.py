"""`triptych media`: any number of ids to URLs, in batches, in order, in bounded memory."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

import resolvers.media
from loaders.errors import TriptychError
from loaders.outcome import Outcome, gather_outcomes
from loaders.records import MediaRecord, MediaVariant
from resolvers.context import RequestContext
from server.cli import input as id_input
from server.cli import runtime
from server.cli.table import Format, Rows
from server.settings import Settings

CHUNKS = 40  # full ones in work at once: memory stays the same for any number of ids
SHOWN = 100  # characters of a file's name
COLUMNS = {"id": 30, "status": 24, "url": 0, "message": 0}


@dataclass(frozen=True, slots=True)
class Resolved:
    """One id's line. status: OK, NOT_FOUND, NO_URL or an error code; url: None unless OK."""

    id: str
    status: str
    url: str | None = None
    message: str | None = None


@dataclass(slots=True)
class Count:
    """What the last line tells."""

    ids: int = 0
    failed: int = 0
    calls: int = 0


def media(
    ids: Annotated[
        list[str] | None,
        typer.Argument(metavar="ID", help="Media ids: media:pixai:4596…, or pixai:4596… for short."),
    ] = None,
    source: Annotated[
        str | None,
        typer.Option("--from", metavar="FILE", help="A file with one id a line; - is standard input."),
    ] = None,
    variant: Annotated[
        MediaVariant,
        typer.Option(
            case_sensitive=False,
            metavar="VARIANT",
            help="public, thumbnail or still_thumbnail; the nearest larger one where it is missing.",
        ),
    ] = MediaVariant.PUBLIC,
    format: Annotated[
        Format, typer.Option(metavar="FORMAT", help="How to print it: table, jsonl or csv.")
    ] = Format.TABLE,
) -> None:
    """Resolve media ids to URLs: one line an id, in the order given.

    Exit code 0: all resolved; 1: some failed (marked in their lines, counted at
    the end); 2: bad use.
    """
    if not ids and source is None:
        runtime.fail("no ids: give some, or --from FILE (- for standard input)", code=2)
    settings = runtime.settings()
    try:
        given = map(_without_surrogates, ids or ())
        wanted = itertools.chain(given, () if source is None else id_input.read(source))
        total = len(ids or ()) if source is None else None
        count = runtime.run(_resolve(settings, wanted, variant, format, total))
    except id_input.Unreadable as error:
        runtime.fail(f"--from {_shown(source or '')}: {error}", code=2)
    typer.echo(f"{count.ids} ids, {count.failed} failed, {count.calls} upstream calls", err=True)
    raise typer.Exit(1 if count.failed else 0)


async def _resolve(
    settings: Settings, ids: Iterable[str], variant: MediaVariant, format: Format, total: int | None
) -> Count:
    count = Count()
    rows = Rows(format, COLUMNS)
    with _progress() as progress:
        bar = progress.add_task("media", total=total)
        async with runtime.sources(settings) as sources:
            async for window in id_input.windows(ids, CHUNKS * settings.pixai_chunk):
                operation = RequestContext(
                    sources.own(), settings.deadline
                )  # a new one: its loaders keep every key
                found = await gather_outcomes(_found(operation, id_) for id_ in window)
                for id_, outcome in zip(window, found, strict=True):
                    row = _row(id_, outcome, variant)
                    rows.write({"id": row.id, "status": row.status, "url": row.url, "message": row.message})
                    count.failed += row.status != "OK"
                rows.flush()
                count.ids += len(window)
                progress.update(bar, completed=count.ids)
            count.calls = sources.calls
    return count


def _progress() -> Progress:
    console = Console(stderr=True)
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )


async def _found(context: RequestContext, id_: str) -> MediaRecord | None:
    found: MediaRecord | None = await context.settle(resolvers.media.by_id(id_))
    return found


def _row(id_: str, outcome: Outcome[MediaRecord], variant: MediaVariant) -> Resolved:
    if isinstance(outcome, TriptychError):
        return Resolved(id_, outcome.code.value, message=outcome.message)
    if outcome is None or outcome.details is None:
        return Resolved(id_, "NOT_FOUND", message="there is no such picture")
    url = resolvers.media.best_url(outcome.details, variant, fallback=True)
    if url is None:
        return Resolved(id_, "NO_URL", message="it has no URL of that size or a larger one")
    return Resolved(id_, "OK", url)


def _shown(file: str) -> str:
    """Its name, as far as it fits in a sentence; one that reads badly stands in quotes."""
    short = file if len(file) <= SHOWN else f"{file[:SHOWN]}…"
    return short if short and short.isprintable() else repr(short)


def _without_surrogates(argument: str) -> str:
    # bytes of the command line that are no UTF-8 arrive as surrogates, which nothing can send on
    return argument.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
