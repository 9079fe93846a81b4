"""Everything in the schema says what it is."""

import re
from collections.abc import Iterator

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    specified_scalar_types,
)
from graphql.type import GraphQLInterfaceType

from schema import schema

SENTENCE = re.compile(r"""["'`A-Z0-9].*[.…]""", re.DOTALL)
FOREIGN = "__"  # the types of GraphQL's introspection


def described(graph: GraphQLSchema) -> Iterator[tuple[str, str | None]]:
    """Every name in the schema and its description."""
    for name, type_ in graph.type_map.items():
        if not name.startswith(FOREIGN):
            yield name, type_.description
            yield from ((f"{name}.{part}", text) for part, text in _parts(type_))


def _parts(type_: GraphQLNamedType) -> Iterator[tuple[str, str | None]]:
    match type_:
        case GraphQLEnumType():
            yield from ((name, value.description) for name, value in type_.values.items())
        case GraphQLInputObjectType():
            yield from ((name, value.description) for name, value in type_.fields.items())
        case GraphQLObjectType() | GraphQLInterfaceType():
            for name, field in type_.fields.items():
                yield name, field.description
                yield from ((f"{name}({arg})", value.description) for arg, value in field.args.items())


def test_everything_is_described() -> None:
    """Types, fields, arguments, input fields, enums, their values and scalars have descriptions."""
    silent = [name for name, text in described(schema._schema) if not (text or "").strip()]

    assert silent == []


def test_descriptions_are_sentences() -> None:
    """A description begins with a capital, a digit, a quotation or code, and ends with a full stop or "…"."""
    odd = [
        name
        for name, text in described(schema._schema)
        if name.partition(".")[0] not in specified_scalar_types
        and not SENTENCE.fullmatch((text or "").strip())
    ]

    assert odd == []


def test_the_walk_finds_what_is_there() -> None:
    """The walk reaches an argument, an enum's value and an input field."""
    names = {name for name, _ in described(schema._schema)}

    assert {
        "Media.url(variant)",
        "Provider.PIXAI",
        "TaskFilter.scope",
        "Query._entities(representations)",
        "Query.tasks(filter)",
        "BigInt",
    } <= names
