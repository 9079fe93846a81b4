"""`triptych media`: resolve any number of ids to URLs, in batches, in order, in bounded memory."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

import typer

from loaders.records import MediaVariant
from server.cli import input as id_input
from server.cli import runtime
from server.cli.graph import Failure
from server.cli.id_forms import Given, given
from server.cli.pictures import Found, opened
from server.cli.remote import ServerOption, ServerUnavailable
from server.cli.table import Format, Rows

SHOWN = 100  # characters of a file's name
COLUMNS = ("id", "status", "url", "message")

SourceOption = Annotated[
    str | None,
    typer.Option(
        "--from",
        metavar="FILE",
        help="A file with one id per line, or what `media` and `tasks` print; - is standard input.",
    ),
]
VariantOption = Annotated[
    MediaVariant,
    typer.Option(
        "--variant",
        case_sensitive=False,
        metavar="VARIANT",
        help="public, thumbnail or still_thumbnail; where it is missing, the next larger one.",
    ),
]
FormatOption = Annotated[
    Format, typer.Option("--format", metavar="FORMAT", help="How to print it: table, jsonl or csv.")
]


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
    calls: int | None = None


def media(
    ids: Annotated[
        list[str] | None,
        typer.Argument(metavar="ID", help="Media ids: media:pixai:4596…, or pixai:4596… for short."),
    ] = None,
    source: SourceOption = None,
    variant: VariantOption = MediaVariant.PUBLIC,
    format: FormatOption = Format.TABLE,
    server: ServerOption = None,
) -> None:
    """Resolve media ids to URLs: one line per id, in the given order.

    Exit code 0: all resolved; 1: some failed (marked in their lines, counted at
    the end); 2: wrong usage.
    """
    if not ids and source is None:
        runtime.fail("no ids: pass some, or --from FILE (- for standard input)", code=2)
    rows = Rows(format, COLUMNS)
    try:
        count = runtime.run(_resolve(server, wanted(ids, source), source, len(ids or ()), variant, rows))
    except id_input.Unreadable as error:
        runtime.fail(unreadable(source, error), code=2)
    except ServerUnavailable as error:
        runtime.fail(str(error), code=1)
    typer.echo(f"{count.ids} ids, {count.failed} failed{runtime.calls(count.calls)}", err=True)
    if rows.has_cut:
        typer.echo(runtime.CUT, err=True)
    raise typer.Exit(1 if count.failed else 0)


def wanted(ids: Iterable[str] | None, source: str | None) -> Iterable[Given]:
    """The ids of the command line, then those of the file. Raises Unreadable, at once or while iterated."""
    arguments = map(Given, map(_without_surrogates, ids or ()))
    return itertools.chain(arguments, () if source is None else given(id_input.read(source)))


def unreadable(source: str | None, error: id_input.Unreadable) -> str:
    """The sentence that says so."""
    return f"--from {_shown(source or '')}: {error}"


async def total(source: str | None, arguments: int) -> int | None:
    """How many ids there are; None where the rest comes through a pipe. Raises Unreadable."""
    if source is None:
        return arguments
    if not id_input.is_regular(source):
        return None
    return arguments + await id_input.in_thread(lambda: id_input.count(source, given))


async def _resolve(
    server: str | None,
    ids: Iterable[Given],
    source: str | None,
    arguments: int,
    variant: MediaVariant,
    rows: Rows,
) -> Count:
    from server.cli.progress import Bar

    count = Count()
    async with opened(server, shows_urls=True) as pictures:
        with Bar("media") as bar:
            if bar.is_shown and (known := await total(source, arguments)) is not None:
                bar.expect(known)
            async for window in id_input.windows(ids, pictures.window):
                found = await pictures.find([one.id for one in window])
                for one, outcome in zip(window, found, strict=True):
                    row = _row(one.id, outcome, variant)
                    rows.write({"id": row.id, "status": row.status, "url": row.url, "message": row.message})
                    count.failed += row.status != "OK"
                rows.flush()
                count.ids += len(window)
                bar.show(count.ids, failed=count.failed)
        rows.flush()
        count.calls = pictures.calls
    return count


def _row(id_: str, found: Found, variant: MediaVariant) -> Resolved:
    if isinstance(found, Failure):
        return Resolved(id_, found.code, message=found.message)
    if found is None or found.record.details is None:
        return Resolved(id_, "NOT_FOUND", message="no such picture")
    from resolvers.media import best_url

    url = best_url(found.record.details, variant, fallback=True)
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
