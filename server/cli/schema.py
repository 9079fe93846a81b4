"""`triptych schema`."""

from __future__ import annotations

from typing import Annotated

import orjson
import typer

import schema as graph


def schema(
    as_json: Annotated[bool, typer.Option("--json", help="The introspection result instead of SDL.")] = False,
) -> None:
    """Print the schema, as SDL or as introspection JSON. Needs no server."""
    if as_json:
        typer.echo(orjson.dumps({"data": graph.schema.introspect()}, option=orjson.OPT_INDENT_2).decode())
    else:
        typer.echo(graph.sdl(), nl=False)
