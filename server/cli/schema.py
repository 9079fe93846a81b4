"""`triptych schema`, `triptych schema diff`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from server.cli import runtime
from server.cli.media import FormatOption
from server.cli.table import Format, Rows

if TYPE_CHECKING:
    from graphql import GraphQLSchema

STANDARD_INPUT = "-"
MOST = 16 * 1024 * 1024  # bytes of a schema; this program's has 40,000
COLUMNS = ("severity", "change", "description")
OldSchema = Annotated[str, typer.Argument(help="SDL or introspection JSON; `-` is standard input.")]
NewSchema = Annotated[str | None, typer.Argument(help="The same; absent: the schema of this program.")]

app = typer.Typer(rich_markup_mode=None, context_settings={"help_option_names": ["-h", "--help"]})


@app.callback(invoke_without_command=True)
def schema(
    context: typer.Context,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the introspection result instead of SDL.")
    ] = False,
    plain: Annotated[
        bool, typer.Option("--plain", help="Leave out federation, for tools that do not know it.")
    ] = False,
) -> None:
    """Print the schema, as routers compose it, or compare it with another. Needs no server."""
    if context.invoked_subcommand is not None:
        if as_json or plain:
            runtime.fail(f"--json and --plain do not belong to `schema {context.invoked_subcommand}`", code=2)
        return
    from server import sdl

    if as_json:
        typer.echo(sdl.as_json(sdl.clients() if plain else sdl.introspection()))
    elif plain:
        typer.echo(sdl.plain())
    else:
        typer.echo(sdl.subgraph(), nl=False)


@app.command("diff")
def diff(old: OldSchema, new: NewSchema = None, format: FormatOption = Format.TABLE) -> None:
    """Print what has changed for clients: breaking, dangerous and safe changes.

    Exit code 0: nothing that breaks a client; 1: a breaking change; 2: wrong usage, or
    text that is no schema.
    """
    from server import schema_diff, sdl

    if old == new == STANDARD_INPUT:
        runtime.fail("standard input cannot be both schemas", code=2)
    before = _read(old)
    after = schema_diff.read(sdl.as_json(sdl.introspection())) if new is None else _read(new)
    found = schema_diff.changes(before, after)
    if found or format is not Format.TABLE:
        rows = Rows(format, COLUMNS)
        for change in found:
            rows.write(
                dict(zip(COLUMNS, (change.severity.value, change.kind, change.description), strict=True))
            )
        rows.flush()
    counts = {one: sum(change.severity is one for change in found) for one in schema_diff.Severity}
    typer.echo(", ".join(f"{count} {severity}" for severity, count in counts.items()), err=True)
    raise typer.Exit(1 if counts[schema_diff.Severity.BREAKING] else 0)


def _read(name: str) -> GraphQLSchema:
    """The schema in a file. Exits with 2 where there is none."""
    from server import schema_diff
    from server.os_errors import reason

    shown = "standard input" if name == STANDARD_INPUT else name
    try:
        with sys.stdin.buffer if name == STANDARD_INPUT else Path(name).open("rb") as file:
            data = file.read(MOST + 1)
        if len(data) > MOST:
            runtime.fail(f"{shown} is no schema: it has more than {MOST} bytes", code=2)
        return schema_diff.read(data.decode())
    except OSError as error:
        runtime.fail(f"cannot read {shown}: {reason(error)}", code=2)
    except UnicodeDecodeError:
        runtime.fail(f"cannot read {shown}: it is not UTF-8", code=2)
    except schema_diff.UnreadableSchema as error:
        runtime.fail(f"{shown} is no schema: {error}", code=2)
