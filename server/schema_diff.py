"""What has changed between two schemas, for those who send documents to them."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, NamedTuple

import orjson
from graphql import (
    DirectiveLocation,
    GraphQLError,
    GraphQLInputObjectType,
    GraphQLSchema,
    build_client_schema,
    build_schema,
)
from graphql.utilities import BreakingChange, DangerousChange, find_schema_changes

from server import sdl

# where a client can write a directive; the others stand in SDL alone
_IN_DOCUMENTS = frozenset(
    {
        *(DirectiveLocation.QUERY, DirectiveLocation.MUTATION, DirectiveLocation.SUBSCRIPTION),
        *(DirectiveLocation.FIELD, DirectiveLocation.FRAGMENT_DEFINITION, DirectiveLocation.FRAGMENT_SPREAD),
        *(DirectiveLocation.INLINE_FRAGMENT, DirectiveLocation.VARIABLE_DEFINITION),
    }
)


class Severity(StrEnum):
    """What a change does to clients that know the old schema. The worst first."""

    BREAKING = "breaking"  # documents that were valid are refused, or answers have another shape
    DANGEROUS = "dangerous"  # documents stay valid, but their programs may meet what they do not know
    SAFE = "safe"


class Change(NamedTuple):
    """One difference. kind: its name in graphql-js, such as FIELD_REMOVED."""

    severity: Severity
    kind: str
    description: str


class UnreadableSchema(Exception):
    """Text that is no schema. The message says why, in one line."""


def read(text: str) -> GraphQLSchema:
    """A schema of SDL, whose directives need no definition, or of an introspection result as JSON.

    What only routers use is left out: it changes nothing for clients. Raises UnreadableSchema.
    """
    try:
        return _for_clients(_built(text.lstrip("\ufeff \t\r\n")))
    except (GraphQLError, TypeError, ValueError) as error:
        raise UnreadableSchema(str(error).partition("\n")[0]) from None
    except (KeyError, AttributeError):
        raise UnreadableSchema("the introspection result is not whole") from None
    except RecursionError:
        raise UnreadableSchema("it is nested too deeply") from None


def _built(text: str) -> GraphQLSchema:
    if not text.startswith("{"):
        return build_schema(text, assume_valid_sdl=True)
    answer = orjson.loads(text)
    found = answer.get("data", answer)
    if not isinstance(found, dict) or "__schema" not in found:
        raise ValueError("JSON without `__schema`: expected an introspection result")
    return build_client_schema(found)  # type: ignore[arg-type]  # it looks itself


def _for_clients(graph: GraphQLSchema) -> GraphQLSchema:
    if graph.query_type is None:
        raise ValueError("there is no type Query")
    graph.directives = tuple(one for one in graph.directives if _IN_DOCUMENTS & {*one.locations})
    for names in (graph.type_map, graph.query_type.fields):
        for name in filter(sdl.is_federations, tuple(names)):
            del names[name]
    return graph


def changes(old: GraphQLSchema, new: GraphQLSchema) -> list[Change]:
    """Every difference, the worst first, and otherwise in the order of the schema."""
    found = [_change(one) for one in find_schema_changes(old, new)] + _one_of_changes(old, new)
    return sorted(found, key=lambda change: list(Severity).index(change.severity))


def _change(found: Any) -> Change:
    severity = (
        Severity.BREAKING
        if isinstance(found, BreakingChange)
        else Severity.DANGEROUS
        if isinstance(found, DangerousChange)
        else Severity.SAFE
    )
    return Change(severity, found.type.name, found.description)


def _one_of_changes(old: GraphQLSchema, new: GraphQLSchema) -> list[Change]:
    """graphql-core does not compare `@oneOf`: with it, input of two fields is refused."""
    found = []
    for name, before in old.type_map.items():
        after = new.type_map.get(name)
        if isinstance(before, GraphQLInputObjectType) and isinstance(after, GraphQLInputObjectType):
            if after.is_one_of and not before.is_one_of:
                found.append(Change(Severity.BREAKING, "ONE_OF_ADDED", f"{name} takes exactly one field."))
            elif before.is_one_of and not after.is_one_of:
                found.append(Change(Severity.SAFE, "ONE_OF_REMOVED", f"{name} takes any number of fields."))
    return found
