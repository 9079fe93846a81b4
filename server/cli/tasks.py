"""`triptych tasks`: one list of the tasks of all sources, newest first."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from loaders import coerce
from loaders.records import Provider, TaskStatus
from server.cli import runtime
from server.cli.fields import DEFAULT, BadFields, Fields
from server.cli.graph import Failure, Graph, JsonObject, opened
from server.cli.remote import ServerOption, ServerUnavailable
from server.cli.table import Format, Rows

MOST = 100  # tasks of a page
_SPAN = re.compile(r"(\d{1,4})([mhdw])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_PAGE = """query Tasks($first: Int!, $after: String, $filter: TaskFilter) {{
  tasks(first: $first, after: $after, filter: $filter) {{
    nodes {{ {selection} }} pageInfo {{ hasNextPage endCursor }} missing {{ provider message }}
  }}
}}"""


class NoTasks(Exception):
    """No source has answered. lines: why, one for each. provider: whose error it is, where it is one's."""

    def __init__(self, lines: list[str], provider: Provider | None = None) -> None:
        super().__init__("; ".join(lines))
        self.lines = lines
        self.provider = provider


@dataclass(slots=True)
class Count:
    """Totals for the summary lines. missing: why each source that did not answer to the end did not."""

    tasks: int = 0
    calls: int | None = None
    failed_fields: int = 0
    first_failure: str = ""
    missing: dict[Provider, str] = field(default_factory=dict)


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
    before: Annotated[
        str | None, typer.Option(metavar="WHEN", help="Only tasks created earlier, in the same forms.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, metavar="N", help="The most tasks to list.")] = 20,
    fields: Annotated[
        str,
        typer.Option(
            metavar="NAMES",
            help="Fields of the graph's Task, separated by commas: id,status,media.url. An object alone "
            "shows its id.",
        ),
    ] = DEFAULT,
    format: Annotated[
        Format, typer.Option(metavar="FORMAT", help="How to print it: table, jsonl or csv.")
    ] = Format.TABLE,
    server: ServerOption = None,
) -> None:
    """List the tasks of all sources, newest first: one line per task.

    Exit code 0: all sources answered; 1: some did not (named at the end); 2: wrong
    usage.
    """
    where: dict[str, object] = {
        "providers": [one.value for one in provider] if provider else None,
        "statuses": [one.value for one in status] if status else None,
        "createdAfter": _moment("--since", since),
        "createdBefore": _moment("--before", before),
    }
    shown = _fields(fields, has_server=server is not None)
    rows = Rows(format, list(shown.columns))
    try:
        count = runtime.run(_list(server, shown, where, limit, rows))
    except NoTasks as error:
        runtime.fail("\n".join(error.lines), code=1)
    except ServerUnavailable as error:
        runtime.fail(str(error), code=1)
    typer.echo(f"{count.tasks} tasks{runtime.calls(count.calls)}", err=True)
    if count.failed_fields:
        typer.echo(f"{count.failed_fields} fields failed: {count.first_failure}", err=True)
    for name, message in count.missing.items():
        typer.echo(f"{name.label} is missing: {message}", err=True)
    if rows.has_cut:
        typer.echo(runtime.CUT, err=True)
    raise typer.Exit(1 if count.missing or count.failed_fields else 0)


def _fields(text: str, *, has_server: bool) -> Fields:
    from schema import schema

    try:
        found = Fields.parse(text, schema.graphql)
    except BadFields as error:
        runtime.fail(f"--fields {error}", code=2)
    if found.needs_server and not has_server:
        runtime.fail("--fields: permalinks are links of a running server; name it with --server URL", code=2)
    return found


async def _list(server: str | None, shown: Fields, where: dict[str, object], limit: int, rows: Rows) -> Count:
    count = Count()
    async with opened(server, shows_urls=shown.has_addresses) as graph:
        async for nodes in _pages(graph, shown, where, limit, count):
            for node in nodes:
                rows.write(shown.row(node))
            rows.flush()
            count.tasks += len(nodes)
        count.calls = graph.calls
    return count


async def _pages(
    graph: Graph, shown: Fields, where: dict[str, object], limit: int, count: Count
) -> AsyncIterator[list[JsonObject]]:
    query = _PAGE.format(selection=shown.selection)
    after: str | None = None
    left = limit
    while left > 0:
        asked = {"first": min(left, MOST), "after": after, "filter": where}
        try:
            page, failures = await _page(graph, query, asked)
        except NoTasks as error:  # the others' tasks are over, and this one has not answered
            if after is None or error.provider is None:
                raise
            count.missing[error.provider] = error.lines[0]
            return
        # one that was missing before has caught up since
        count.missing = {Provider(one["provider"]): one["message"] for one in page["missing"]}
        count.failed_fields += len(failures)
        count.first_failure = count.first_failure or (failures[0].message if failures else "")
        yield page["nodes"]
        left -= len(page["nodes"])
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            return


async def _page(graph: Graph, query: str, asked: JsonObject) -> tuple[JsonObject, list[Failure]]:
    """The connection and what failed in it. Raises NoTasks."""
    answer = await graph.ask(query, asked)
    page = (answer.data or {}).get("tasks")
    if page is not None:
        return page, list(answer.failures)
    if answer.data is None:
        raise NoTasks([failure.message for failure in answer.failures][:1] or ["no answer"])
    failure = answer.failures[0]
    reasons = [failure.message] if asked["after"] else await _reasons(graph, asked, failure)
    raise NoTasks(reasons, failure.provider)


async def _reasons(graph: Graph, asked: JsonObject, failure: Failure) -> list[str]:
    """Why each source did not answer: the list's own error names one of them only."""
    where = asked["filter"]
    assert isinstance(where, dict), "_pages puts it there"
    chosen = where["providers"] or [provider.value for provider in Provider]
    variables = ", ".join(f"${name}: TaskFilter" for name in chosen)
    aliases = " ".join(f"{name}: tasks(first: 1, filter: ${name}) {{ totalCount }}" for name in chosen)
    filters = {name: {**where, "providers": [name]} for name in chosen}
    answer = await graph.ask(f"query Reasons({variables}) {{ {aliases} }}", filters)
    by_name = {
        one.path[0]: one.message
        for one in answer.failures
        if one.path and (one.code != "PROVIDER_NOT_CONFIGURED" or where["providers"])
    }
    return [by_name[name] for name in chosen if name in by_name] or [failure.message]


def _moment(option: str, text: str | None) -> str | None:
    """In RFC 3339, as the graph takes it."""
    if text is None:
        return None
    span = _SPAN.fullmatch(text)
    if span is not None:
        return (datetime.now(UTC) - timedelta(**{_UNITS[span[2]]: int(span[1])})).isoformat()
    found = None if text.isdecimal() else coerce.time(text)
    if found is None:
        runtime.fail(
            f"{option} {text!r}: expected a date or time such as 2024-06-01, or how long ago: 36h, 7d", code=2
        )
    return found.isoformat()
