"""Where this program leans on the insides of Strawberry: each symbol has a canary in the tests.

They may move with any minor version, which pyproject.toml therefore caps.
"""

from __future__ import annotations

from graphql import GraphQLField
from graphql.validation import ASTValidationRule
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule
from strawberry.types.field import StrawberryField

__all__ = ["RULES", "StrawberryExecutor", "directives_of"]

# graphql-core's executor, with what Strawberry's resolvers expect of it
StrawberryExecutor = StrawberryGraphQLCoreExecutionContext

# what Strawberry validates beside the rules of the specification
RULES: tuple[type[ASTValidationRule], ...] = (MaybeNullValidationRule, OneOfInputValidationRule)


def directives_of(field: GraphQLField) -> list[object]:
    """The directives that a field was declared with; [] for GraphQL's own fields."""
    declared = (field.extensions or {}).get("strawberry-definition")
    return list(declared.directives) if isinstance(declared, StrawberryField) else []
