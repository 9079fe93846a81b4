"""`triptych tasks`: the one list of all sources' tasks, newest first."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from loaders import coerce
from loaders.errors import SourceError, TriptychError
from loaders.records import Provider, TaskRecord, TaskStatus
from resolvers.context import Operation
from resolvers.tasks.filter import TaskQuery
from resolvers.tasks.list import MOST, page
from server.cli import runtime
from server.cli.table import Format, Rows
from server.settings import Settings

COLUMNS = {"id": 66, "status": 16, "created": 25, "prompt": 0}
_SPAN = re.compile(r"(\d{1,4})([mhdw])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


@dataclass(slots=True)
class Count:
    """What the last line tells. missing: the error of each source that did not answer to the end."""

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
    limit: Annotated[int, typer.Option(min=1, metavar="N", help="Tasks, at most.")] = 20,
    format: Annotated[
        Format, typer.Option(metavar="FORMAT", help="How to print it: table, jsonl or csv.")
    ] = Format.TABLE,
) -> None:
    """List the tasks of all sources, newest first: one line a task.

    Exit code 0: all sources answered; 1: some did not (named at the end); 2: bad
    use.
    """
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
    count = Count()
    async with runtime.sources(settings) as sources:
        context = Operation(sources.own(), settings.deadline, source_deadline=settings.source_deadline)
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
    context: Operation, where: TaskQuery, limit: int, count: Count
) -> AsyncIterator[list[TaskRecord]]:
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
            f"--since {text!r}: wanted a date or time such as 2024-06-01, or how long ago: 36h, 7d", code=2
        )
    return found


def _written(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
