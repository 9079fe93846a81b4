"""`triptych media`: resolve any number of ids to URLs, in batches, in order, in bounded memory."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from loaders.errors import TriptychError
from loaders.records import MediaRecord, MediaVariant
from server.cli import input as id_input
from server.cli import runtime
from server.cli.table import Format, Rows

if TYPE_CHECKING:
    from loaders.outcome import Outcome
    from server.settings import Settings

CHUNKS = 40  # full ones at work at once, so that memory does not grow with the number of ids
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
    """Totals for the summary line."""

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
        typer.Option("--from", metavar="FILE", help="A file with one id per line; - is standard input."),
    ] = None,
    variant: Annotated[
        MediaVariant,
        typer.Option(
            case_sensitive=False,
            metavar="VARIANT",
            help="public, thumbnail or still_thumbnail; where it is missing, the next larger one.",
        ),
    ] = MediaVariant.PUBLIC,
    format: Annotated[
        Format, typer.Option(metavar="FORMAT", help="How to print it: table, jsonl or csv.")
    ] = Format.TABLE,
) -> None:
    """Resolve media ids to URLs: one line per id, in the given order.

    Exit code 0: all resolved; 1: some failed (marked in their lines, counted at
    the end); 2: wrong usage.
    """
    if not ids and source is None:
        runtime.fail("no ids: pass some, or --from FILE (- for standard input)", code=2)
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
    from resolvers import media
    from resolvers.context import RequestContext
    from server.cli.progress import progress_bar

    count = Count()
    rows = Rows(format, COLUMNS)
    with progress_bar() as progress:
        bar = progress.add_task("media", total=total)
        async with runtime.sources(settings) as sources:
            async for window in id_input.windows(ids, CHUNKS * settings.pixai_chunk):
                # a new one for each window: its loaders keep every key
                operation = RequestContext(sources.own(), settings.deadline)
                found = await media.by_ids(operation, window)
                for id_, outcome in zip(window, found, strict=True):
                    row = _row(id_, outcome, variant)
                    rows.write({"id": row.id, "status": row.status, "url": row.url, "message": row.message})
                    count.failed += row.status != "OK"
                rows.flush()
                count.ids += len(window)
                progress.update(bar, completed=count.ids)
            count.calls = sources.calls
    return count


def _row(id_: str, outcome: Outcome[MediaRecord], variant: MediaVariant) -> Resolved:
    if isinstance(outcome, TriptychError):
        return Resolved(id_, outcome.code.value, message=outcome.message)
    if outcome is None or outcome.details is None:
        return Resolved(id_, "NOT_FOUND", message="no such picture")
    from resolvers.media import best_url

    url = best_url(outcome.details, variant, fallback=True)
    if url is None:
        return Resolved(id_, "NO_URL", message="it has no URL in that size or a larger one")
    return Resolved(id_, "OK", url)


def _shown(file: str) -> str:
    """The file name, shortened to fit in a sentence; quoted where it is not printable."""
    short = file if len(file) <= SHOWN else f"{file[:SHOWN]}…"
    return short if short and short.isprintable() else repr(short)


def _without_surrogates(argument: str) -> str:
    # bytes that are not UTF-8 arrive as surrogates, which cannot be encoded again
    return argument.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
