"""Where the project leans on the insides of Strawberry: each symbol has a canary in the tests.

They may move with any minor version, which pyproject.toml therefore caps.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol, runtime_checkable

from graphql import GraphQLField, GraphQLResolveInfo
from graphql.validation import ASTValidationRule
from strawberry.schema import Schema
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule
from strawberry.types.arguments import convert_arguments
from strawberry.types.base import StrawberryMaybe
from strawberry.types.field import StrawberryField
from strawberry.types.info import Info

__all__ = [
    "RULES",
    "StrawberryExecutor",
    "argument_converter",
    "argument_names",
    "directives_of",
    "info_of",
    "strawberry_field",
]


@runtime_checkable
class HasNext(Protocol):
    """A context that can make that of another operation of the same caller."""

    def next_operation(self) -> object:
        """New loaders, a new deadline, a new budget."""
        ...


class StrawberryExecutor(StrawberryGraphQLCoreExecutionContext):
    """graphql-core's executor, with what Strawberry's resolvers expect of it.

    Strawberry executes all events of a subscription with one context: the second would see what the loaders
    brought for the first, and all of them would share one deadline. Here each has its own.
    """

    def build_per_event_executor(self, payload: Any) -> StrawberryExecutor:
        """A copy, for one event."""
        executor = super().build_per_event_executor(payload)
        assert isinstance(executor, StrawberryExecutor), "it is a copy"
        # graphql-core keeps what it collects of a selection by the list it came from, which is made anew for
        # each event: shared, 2.5 KB an event would stay until the subscription ends
        executor._relevant_sub_fields = {}
        if isinstance(self.context_value, HasNext):
            executor.context_value = self.context_value.next_operation()
        return executor


# what Strawberry validates beside the rules of the specification
RULES: tuple[type[ASTValidationRule], ...] = (MaybeNullValidationRule, OneOfInputValidationRule)


def strawberry_field(field: GraphQLField) -> StrawberryField | None:
    """Strawberry's own behind graphql-core's; None for GraphQL's own fields."""
    declared = (field.extensions or {}).get("strawberry-definition")
    return declared if isinstance(declared, StrawberryField) else None


def directives_of(field: GraphQLField) -> list[object]:
    """The directives that a field was declared with; [] for GraphQL's own fields."""
    declared = strawberry_field(field)
    return [] if declared is None else list(declared.directives)


def argument_converter(schema: Schema) -> Callable[[StrawberryField, Mapping[str, Any]], dict[str, Any]]:
    """Makes of coerced arguments what a field's resolver takes: Python's names and values."""
    registry, config = schema.schema_converter.scalar_registry, schema.config

    def converted(field: StrawberryField, given: Mapping[str, Any]) -> dict[str, Any]:
        return convert_arguments(
            dict(given), field.arguments, scalar_registry=registry, config=config, info=None
        )

    return converted


def info_of(raw: GraphQLResolveInfo[Any], field: StrawberryField) -> Info[Any, Any]:
    """What a resolver takes for graphql-core's info."""
    return Info(_raw_info=raw, _field=field)


def argument_names(schema: Schema) -> Callable[[StrawberryField], dict[str, str]]:
    """Python's names of a field's arguments by GraphQL's, of those that may be handed over unconverted."""

    def names(field: StrawberryField) -> dict[str, str]:
        return {
            schema.config.name_converter.from_argument(one): one.python_name
            for one in field.arguments
            if not isinstance(one.type, StrawberryMaybe)
        }

    return names
