"""`triptych tasks`: one list of the tasks of all sources, newest first."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from loaders import coerce
from loaders.errors import SourceError, TriptychError
from loaders.records import Provider, TaskRecord, TaskStatus
from server.cli import runtime
from server.cli.table import Format, Rows

if TYPE_CHECKING:
    from resolvers.context import RequestContext
    from resolvers.tasks.filter import TaskQuery
    from server.settings import Settings

COLUMNS = {"id": 66, "status": 16, "created": 25, "prompt": 0}
_SPAN = re.compile(r"(\d{1,4})([mhdw])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


@dataclass(slots=True)
class Count:
    """Totals for the summary lines. missing: the last error of each source that did not answer."""

    tasks: int = 0
    calls: int = 0
    missing: dict[Provider, SourceError] = field(default_factory=dict)


def tasks(
    provider: Annotated[
        list[Provider] | None,
        typer.Option(
            case_sensitive=False, metavar="NAME", help="pixai, meshy or midjourney. May be repeated."
        ),
    ] = None,
    status: Annotated[
        list[TaskStatus] | None,
        typer.Option(
            case_sensitive=False,
            metavar="STATUS",
            help="queued, running, action_required, succeeded, failed, canceled or unknown. May be repeated.",
        ),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(metavar="WHEN", help="A date or time (2024-06-01, RFC 3339), or how long ago: 36h, 7d."),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, metavar="N", help="The most tasks to list.")] = 20,
    format: Annotated[
        Format, typer.Option(metavar="FORMAT", help="How to print it: table, jsonl or csv.")
    ] = Format.TABLE,
) -> None:
    """List the tasks of all sources, newest first: one line per task.

    Exit code 0: all sources answered; 1: some did not (named at the end); 2: wrong
    usage.
    """
    from resolvers.tasks.filter import TaskQuery

    where = TaskQuery(
        providers=frozenset(provider) if provider else None,
        statuses=frozenset(status) if status else None,
        created_after=None if since is None else _moment(since),
    )
    try:
        count = runtime.run(_list(runtime.settings(), where, limit, Rows(format, COLUMNS)))
    except TriptychError as error:
        runtime.fail(error.message, code=1)
    typer.echo(f"{count.tasks} tasks, {count.calls} upstream calls", err=True)
    for name, missing in count.missing.items():
        typer.echo(f"{name.label} is missing: {missing.message}", err=True)
    raise typer.Exit(1 if count.missing else 0)


async def _list(settings: Settings, where: TaskQuery, limit: int, rows: Rows) -> Count:
    from resolvers.context import RequestContext

    count = Count()
    async with runtime.sources(settings) as sources:
        context = RequestContext(sources.own(), settings.deadline, limits=settings.budget_limits())
        async for found in _pages(context, where, limit, count):
            for task in found:
                rows.write(
                    {
                        "id": task.id,
                        "status": task.status.value,
                        "created": None if task.created_at is None else _written(task.created_at),
                        "prompt": task.prompt,
                    }
                )
            rows.flush()
            count.tasks += len(found)
        count.calls = sources.calls
    return count


async def _pages(
    context: RequestContext, where: TaskQuery, limit: int, count: Count
) -> AsyncIterator[list[TaskRecord]]:
    from resolvers.tasks.list import MOST, page

    after: str | None = None
    left = limit
    while left > 0:
        first = min(left, MOST)
        try:
            found = await page(context.next_operation(), first=first, after=after, where=where)
        except SourceError as error:  # the others' tasks are over, and this one has not answered
            if after is None:
                raise
            count.missing |= {error.provider: error}
            return
        # one that was missing before has caught up since
        count.missing = {error.provider: error for error in found.missing}
        yield [edge.node for edge in found.edges]
        left -= len(found.edges)
        after = found.end_cursor
        if not found.has_next_page:
            return


def _moment(text: str) -> datetime:
    span = _SPAN.fullmatch(text)
    if span is not None:
        return datetime.now(UTC) - timedelta(**{_UNITS[span[2]]: int(span[1])})
    found = None if text.isdecimal() else coerce.time(text)
    if found is None:
        runtime.fail(
            f"--since {text!r}: expected a date or time such as 2024-06-01, or how long ago: 36h, 7d", code=2
        )
    return found


def _written(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
