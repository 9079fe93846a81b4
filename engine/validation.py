"""Validation that ends: at some errors, at some comparisons, with messages of bounded length."""

from __future__ import annotations

from graphql import DocumentNode, GraphQLError, GraphQLSchema, specified_rules
from graphql.validation import (
    ASTValidationRule,
    OverlappingFieldsCanBeMergedRule,
    ValidationContext,
    validate,
)
from graphql.validation.validate import ValidationAbortedError

from engine.limits import Limits, exceeded
from schema.strawberry_seams import RULES

ERRORS = 20  # a person mends the first ones and asks again
MESSAGE = 300  # characters; it quotes names and values as they were sent
_ABORTED = "Validation aborted."  # what graphql-core says where its budget for comparisons is spent


def errors(schema: GraphQLSchema, document: DocumentNode, limits: Limits) -> list[GraphQLError]:
    """What does not fit the schema; [] where all does. Raises LimitExceeded."""

    class Overlapping(OverlappingFieldsCanBeMergedRule):
        # fields of one name, and fragments beside each other, are compared each with each
        def __init__(self, context: ValidationContext) -> None:
            super().__init__(context)
            self.rule_context.remaining_complexity_budget = limits.overlaps

    found = validate(schema, document, [*_RULES, Overlapping], max_errors=ERRORS)
    if any(isinstance(error, ValidationAbortedError) and error.message == _ABORTED for error in found):
        figure = f"more than {limits.overlaps:,} comparisons of fields and fragments that may overlap"
        raise exceeded("overlaps", figure, limits.overlaps)
    return [shortened(error) for error in found]


def shortened(error: GraphQLError) -> GraphQLError:
    """The same error, if need be with less of what it quotes."""
    if len(error.message) > MESSAGE:
        error.message = f"{error.message[:MESSAGE]}…"
    return error


_RULES: tuple[type[ASTValidationRule], ...] = (
    *(rule for rule in specified_rules if rule is not OverlappingFieldsCanBeMergedRule),
    *RULES,
)
