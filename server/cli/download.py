"""`triptych download`: pictures and videos into a folder, each whole and once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from loaders.records import MediaVariant
from server.cli import input as id_input
from server.cli import runtime
from server.cli.id_forms import Given
from server.cli.media import FormatOption, SourceOption, VariantOption, total, unreadable, wanted
from server.cli.pictures import opened
from server.cli.remote import ServerOption, ServerUnavailable
from server.cli.table import Format, Rows

if TYPE_CHECKING:
    from server.cli.downloads.downloads import Downloaded
    from server.cli.downloads.folder import Folder
    from server.cli.downloads.naming import Template
    from server.cli.pictures import Pictures
    from server.cli.progress import Bar

NAME = "{provider}/{key}.{ext}"
COLUMNS = ("id", "status", "file", "bytes", "message")
SILENCE = 60.0  # seconds without a byte, after which a transfer is given up


@dataclass(slots=True)
class Count:
    """Totals for the summary line. received: bytes, those of broken transfers too."""

    ids: int = 0
    skipped: int = 0
    failed: int = 0
    received: int = 0
    calls: int | None = None


@dataclass(frozen=True, slots=True)
class DownloadOptions:
    """What the options say."""

    directory: Path
    template: Template
    variant: MediaVariant
    parallel: int


def download(
    *,
    ids: Annotated[
        list[str] | None, typer.Argument(metavar="ID", help="Media ids, as `media` takes them.")
    ] = None,
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="The folder; made where it is missing.")],
    source: SourceOption = None,
    name: Annotated[
        str,
        typer.Option(
            metavar="TEMPLATE",
            help="Where in DIR: of provider, id, key, task, index, created (with a format: "
            "{created:%Y-%m}), kind, variant and ext.",
        ),
    ] = NAME,
    variant: VariantOption = MediaVariant.PUBLIC,
    parallel: Annotated[
        int, typer.Option(min=1, max=64, metavar="N", help="How many files come at once.")
    ] = 8,
    format: FormatOption = Format.TABLE,
    server: ServerOption = None,
) -> None:
    """Keep pictures and videos in a folder: whole files, each once.

    What DIR/.triptych/archive.jsonl knows and is still there is skipped, so that an
    interrupted download goes on where it was.

    Exit code 0: all are there; 1: some failed (marked in their lines, counted at the
    end); 2: wrong usage.
    """
    from server.cli.downloads.folder import Unusable
    from server.cli.downloads.folder import opened as folder_opened
    from server.cli.downloads.naming import BadTemplate, Template

    if not ids and source is None:
        runtime.fail("no ids: pass some in front of DIR, or --from FILE (- for standard input)", code=2)
    try:
        options = DownloadOptions(directory, Template.parse(name), variant, parallel)
    except BadTemplate as error:
        runtime.fail(f"--name {name!r}: {error}", code=2)
    rows = Rows(format, COLUMNS)
    try:
        given = wanted(ids, source)
        with folder_opened(directory) as folder:
            count = runtime.run(_download(server, given, source, len(ids or ()), folder, options, rows))
    except id_input.Unreadable as error:
        runtime.fail(unreadable(source, error), code=2)
    except (ServerUnavailable, Unusable) as error:
        place = f"{directory}: " if isinstance(error, Unusable) else ""
        runtime.fail(f"{place}{error}", code=1)
    typer.echo(_summary(count), err=True)
    raise typer.Exit(1 if count.failed else 0)


async def _download(
    server: str | None,
    given: Iterable[Given],
    source: str | None,
    arguments: int,
    folder: Folder,
    options: DownloadOptions,
    rows: Rows,
) -> Count:
    from server.cli.progress import Bar

    count = Count()
    async with opened(server, shows_urls=False) as pictures:
        with Bar("download", has_bytes=True) as bar:
            if bar.is_shown and (known := await total(source, arguments)) is not None:
                bar.expect(known)
            await _keep(pictures, given, folder, options, rows, count, bar)
        rows.flush()
        count.calls = pictures.calls
    return count


async def _keep(
    pictures: Pictures,
    given: Iterable[Given],
    folder: Folder,
    options: DownloadOptions,
    rows: Rows,
    count: Count,
    bar: Bar,
) -> None:
    import aiohttp

    from server.cli.downloads.downloads import WINDOW, Downloads

    def received(amount: int) -> None:
        count.received += amount
        bar.show(count.ids, failed=count.failed, received=count.received)

    def report(row: Downloaded) -> None:
        count.ids += 1
        count.skipped += row.status == "SKIPPED"
        count.failed += row.has_failed
        bar.show(count.ids, failed=count.failed, received=count.received)
        if row.has_failed or not rows.is_for_people:
            rows.write(asdict(row))
        if not rows.is_for_people:  # else after the bar
            rows.flush()

    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=options.parallel),
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=None, connect=SILENCE, sock_read=SILENCE),
    ) as session:
        downloads = Downloads(
            pictures,
            folder,
            session,
            template=options.template,
            variant=options.variant,
            parallel=options.parallel,
            received=received,
        )
        await downloads.run(id_input.windows(given, WINDOW), report)


def _summary(count: Count) -> str:
    from server.cli.progress import size

    came = count.ids - count.skipped - count.failed
    return (
        f"{count.ids} ids: {came} downloaded ({size(count.received)}), {count.skipped} skipped, "
        f"{count.failed} failed{runtime.calls(count.calls)}"
    )
