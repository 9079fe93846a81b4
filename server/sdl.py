"""The schema as text, in the forms that tools read."""

from __future__ import annotations

from typing import Any

import orjson
from graphql import build_client_schema, get_introspection_query, print_schema

import schema

# Strawberry's own `introspect()` leaves out what the specification added since 2018
EVERYTHING = get_introspection_query(
    specified_by_url=True,
    directive_is_repeatable=True,
    schema_description=True,
    input_value_deprecation=True,
    one_of=True,
)


def subgraph() -> str:
    """SDL as routers compose it, with federation's directives: what `_service` answers."""
    return schema.schema.subgraph


def plain() -> str:
    """SDL as clients see it: the same types and descriptions, nothing of federation."""
    return print_schema(build_client_schema(clients()))


def as_json(introspected: Any) -> str:
    """A whole introspection result, as a server would answer it."""
    return orjson.dumps({"data": introspected}, option=orjson.OPT_INDENT_2).decode()


def introspection() -> Any:
    """Everything a client can learn about the schema."""
    found = schema.schema.execute_sync(EVERYTHING)
    assert not found.errors, found.errors
    return found.data


def clients() -> Any:
    """The same without the types, fields and directives that only routers use."""
    found = introspection()["__schema"]
    types = [one for one in found["types"] if not is_federations(one["name"])]
    for one in types:
        if one["name"] == found["queryType"]["name"]:
            one["fields"] = [field for field in one["fields"] if not is_federations(field["name"])]
    return {"__schema": {**found, "types": types}}


def is_federations(name: str) -> bool:
    """Whether only routers use it: `_Any`, `_entities`, `link__Import`; GraphQL's own begin with `__`."""
    return name.startswith(("_", "link__", "federation__")) and not name.startswith("__")
