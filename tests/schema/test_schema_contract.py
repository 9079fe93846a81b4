"""The schema is what the contract says, and the committed text is what the schema says."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    ObjectTypeDefinitionNode,
    build_schema,
    parse,
    print_ast,
    value_from_ast_untyped,
)
from graphql.type import GraphQLArgument, GraphQLInputField
from graphql.utilities import find_breaking_changes, find_dangerous_changes

import schema

HERE = Path(__file__).parent
CONTRACT = (HERE / "contract.graphql").read_text()
# the directives of federation, which the schema's text uses without defining them, as routers expect
FEDERATION = """
directive @key(fields: String!) repeatable on OBJECT
directive @link(url: String!, import: [String!]) repeatable on SCHEMA
directive @shareable on OBJECT | FIELD_DEFINITION
directive @cost(weight: Int!) on FIELD_DEFINITION
directive @listSize(
  assumedSize: Int
  slicingArguments: [String!]
  sizedFields: [String!]
  requireOneSlicingArgument: Boolean = true
) on FIELD_DEFINITION
"""
COMMITTED = Path(schema.__file__).with_name("schema.graphql")


def facts(graph: GraphQLSchema) -> Iterator[str]:
    """Everything that a client can rely on, a line each: `Media.url: URL`, `Media.url(variant: …)`."""
    for name, type_ in graph.type_map.items():
        match type_:
            case GraphQLScalarType():
                yield f"scalar {name} {type_.specified_by_url}"
            case GraphQLEnumType():
                yield from (f"enum {name} {value}" for value in type_.values)
            case GraphQLInputObjectType():
                yield f"input {name} oneOf={type_.is_one_of}"
                yield from (f"{name}.{field}: {_input(value)}" for field, value in type_.fields.items())
            case GraphQLObjectType() | GraphQLInterfaceType():
                yield from (f"{name} implements {interface.name}" for interface in type_.interfaces)
                for field, output in type_.fields.items():
                    yield f"{name}.{field}: {output.type}"
                    yield from (
                        f"{name}.{field}({arg}: {_input(value)})" for arg, value in output.args.items()
                    )


def _input(value: GraphQLArgument | GraphQLInputField) -> str:
    default = value.ast_node and value.ast_node.default_value
    return f"{value.type} = {print_ast(default)}" if default else str(value.type)


def keys(text: str) -> dict[str, list[str]]:
    """The fields of `@key`, by type."""
    return {
        node.name.value: [
            value_from_ast_untyped(argument.value)
            for directive in node.directives or ()
            if directive.name.value == "key"
            for argument in directive.arguments or ()
        ]
        for node in parse(text).definitions
        if isinstance(node, ObjectTypeDefinitionNode)
        and any(directive.name.value == "key" for directive in node.directives or ())
    }


def test_every_word_of_the_contract_stands_in_the_schema() -> None:
    """Types, fields, arguments, defaults, nullability, enum values and specifications are the contract's."""
    contract, actual = build_schema(FEDERATION + CONTRACT), build_schema(FEDERATION + schema.sdl())

    missing = set(facts(contract)) - set(facts(actual))

    assert missing == set()


def test_a_client_of_the_contract_is_not_broken() -> None:
    """GraphQL's own comparison finds nothing that breaks or endangers a client."""
    contract, actual = build_schema(FEDERATION + CONTRACT), build_schema(FEDERATION + schema.sdl())

    broken = find_breaking_changes(contract, actual)
    endangered = find_dangerous_changes(contract, actual)

    assert [*broken, *endangered] == []


def test_entities_have_the_contracts_keys() -> None:
    """A router finds the entities by the contract's keys."""
    assert keys(schema.sdl()) == keys(CONTRACT)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("progress: Int\n", "progress: Int!\n"),
        ("first: Int = 20", "first: Int = 21"),
        ("QUEUED RUNNING", "QUEUED STALLED"),
        ("isTerminal", "isFinal"),
        ("media: [Media!]!", "media: [Media!]"),
        ("https://url.spec.whatwg.org/", "https://example.org/"),
        ("@oneOf", ""),
        ("fallback: Boolean! = true", "fallback: Boolean"),
        ("TaskFailure {", "TaskFailure implements Node { id: ID!"),
    ],
)
def test_a_changed_contract_is_noticed(before: str, after: str) -> None:
    """The comparison can fail: any one word changed shows."""
    assert before in CONTRACT

    changed = build_schema(FEDERATION + CONTRACT.replace(before, after))

    missing = set(facts(changed)) - set(facts(build_schema(FEDERATION + schema.sdl())))

    assert missing != set()


def test_the_committed_schema_is_the_printed_one() -> None:
    """schema/schema.graphql is what the types print."""
    assert COMMITTED.read_text() == schema.sdl(), "schema/schema.graphql is out of date: run `make schema`"
