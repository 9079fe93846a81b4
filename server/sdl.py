"""The schema as text, in the forms that tools read."""

from __future__ import annotations

from typing import Any

import orjson
from graphql import build_client_schema, get_introspection_query, is_specified_directive, print_schema

import schema

# Strawberry's own `introspect()` leaves out what the specification added since 2018
EVERYTHING = get_introspection_query(
    specified_by_url=True,
    directive_is_repeatable=True,
    schema_description=True,
    input_value_deprecation=True,
    one_of=True,
)
_OF_FEDERATION = ("_FieldSet", "link__")  # types that only its directives' arguments have


def whole() -> str:
    """SDL with federation's directives, as the committed `schema.graphql` has it."""
    return schema.sdl()


def plain() -> str:
    """SDL with the same types and descriptions, and no directives but those that every tool brings itself."""
    client = build_client_schema(introspection())
    given = client.to_kwargs()
    given["directives"] = tuple(filter(is_specified_directive, client.directives))
    given["types"] = tuple(
        client.type_map[name] for name in sorted(client.type_map) if not name.startswith(_OF_FEDERATION)
    )
    return print_schema(type(client)(**given))


def introspection_json() -> str:
    """The whole introspection result, as a server would answer it."""
    return orjson.dumps({"data": introspection()}, option=orjson.OPT_INDENT_2).decode()


def introspection() -> Any:
    """Everything a client can learn about the schema."""
    found = schema.schema.execute_sync(EVERYTHING)
    assert not found.errors, found.errors
    return found.data
