"""Where the project leans on Strawberry's inside; each has a canary test that names the symbol."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from graphql import GraphQLSchema
from strawberry.schema import Schema
from strawberry.types.arguments import convert_arguments
from strawberry.types.field import StrawberryField


def graphql_schema(schema: Schema) -> GraphQLSchema:
    """graphql-core's schema behind Strawberry's."""
    return schema._schema


def argument_converter(schema: Schema) -> Callable[[StrawberryField, Mapping[str, Any]], dict[str, Any]]:
    """Makes of coerced arguments what a field's resolver takes: Python's names and values."""
    registry, config = schema.schema_converter.scalar_registry, schema.config

    def converted(field: StrawberryField, given: Mapping[str, Any]) -> dict[str, Any]:
        return convert_arguments(
            dict(given), field.arguments, scalar_registry=registry, config=config, info=None
        )

    return converted
