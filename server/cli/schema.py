"""`triptych schema`."""

from __future__ import annotations

from typing import Annotated, Any

import orjson
import typer
from graphql import build_client_schema, get_introspection_query, is_specified_directive, print_schema

import schema as graph
from server.cli import runtime

# Strawberry's own `introspect()` leaves out what the specification added since 2018
EVERYTHING = get_introspection_query(
    specified_by_url=True,
    directive_is_repeatable=True,
    schema_description=True,
    input_value_deprecation=True,
    one_of=True,
)
_OF_FEDERATION = ("_FieldSet", "link__")  # what only its directives' arguments are made of


def schema(
    as_json: Annotated[bool, typer.Option("--json", help="The introspection result instead of SDL.")] = False,
    plain: Annotated[
        bool, typer.Option("--plain", help="SDL without federation's directives, for tools that know none.")
    ] = False,
) -> None:
    """Print the schema, as SDL or as introspection JSON. Needs no server."""
    if as_json and plain:
        runtime.fail("--json and --plain: wanted one of them", code=2)
    if as_json:
        typer.echo(orjson.dumps({"data": introspection()}, option=orjson.OPT_INDENT_2).decode())
    elif plain:
        typer.echo(plain_sdl())
    else:
        typer.echo(graph.sdl(), nl=False)


def introspection() -> Any:
    """All that a client can learn of the schema."""
    found = graph.schema.execute_sync(EVERYTHING)
    assert not found.errors, found.errors
    return found.data


def plain_sdl() -> str:
    """The same types and descriptions; no directives but those that every tool brings itself."""
    whole = build_client_schema(introspection())
    told = whole.to_kwargs()
    told["directives"] = tuple(filter(is_specified_directive, whole.directives))
    told["types"] = tuple(
        whole.type_map[name] for name in sorted(whole.type_map) if not name.startswith(_OF_FEDERATION)
    )
    return print_schema(type(whole)(**told))
