"""`triptych schema`."""

from __future__ import annotations

from typing import Annotated

import typer

from server.cli import runtime


def schema(
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the introspection result instead of SDL.")
    ] = False,
    plain: Annotated[
        bool,
        typer.Option("--plain", help="Leave out federation's directives, for tools that do not know them."),
    ] = False,
) -> None:
    """Print the schema, as SDL or as introspection JSON. Needs no server."""
    from server import sdl

    if as_json and plain:
        runtime.fail("--json and --plain exclude each other", code=2)
    if as_json:
        typer.echo(sdl.introspection_json())
    elif plain:
        typer.echo(sdl.plain())
    else:
        typer.echo(sdl.whole(), nl=False)
