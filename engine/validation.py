"""Validation that ends: at some errors, at some comparisons, with messages of bounded length."""

from __future__ import annotations

from re import compile as compile_pattern

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLError,
    GraphQLSchema,
    get_named_type,
    is_introspection_type,
    specified_rules,
)
from graphql.validation import (
    ASTValidationRule,
    OverlappingFieldsCanBeMergedRule,
    ValidationContext,
    ValidationRule,
    validate,
)
from graphql.validation.validate import ValidationAbortedError

from engine.limits import Limits, exceeded
from schema.strawberry_seams import RULES

ERRORS = 20  # a person mends the first ones and asks again
MESSAGE = 300  # characters; it quotes names and values as they were sent
_ABORTED = "Validation aborted."  # what graphql-core says where its budget for comparisons is spent


class NoSchema(ValidationRule):
    """Refuses the fields that tell the schema: `__schema`, `__type` and `_service`."""

    def enter_field(self, node: FieldNode, *_: object) -> None:
        """Once for each field, so that what is selected inside them is not told of."""
        type_ = get_named_type(self.context.get_type())
        parent = self.context.get_parent_type()
        if type_ is None or parent is None or is_introspection_type(parent):
            return
        if is_introspection_type(type_) or type_.name == "_Service":
            self.report_error(
                GraphQLError(f"Introspection is switched off on this server: {node.name.value}", node)
            )


def errors(
    schema: GraphQLSchema, document: DocumentNode, limits: Limits, *, hides_schema: bool = False
) -> list[GraphQLError]:
    """What does not fit the schema; [] where all does. Raises LimitExceeded."""

    class Overlapping(OverlappingFieldsCanBeMergedRule):
        # fields of one name, and fragments beside each other, are compared each with each
        def __init__(self, context: ValidationContext) -> None:
            super().__init__(context)
            self.rule_context.remaining_complexity_budget = limits.overlaps

    rules = [*_RULES, Overlapping, NoSchema] if hides_schema else [*_RULES, Overlapping]
    found = validate(schema, document, rules, max_errors=ERRORS, hide_suggestions=hides_schema)
    if any(isinstance(error, ValidationAbortedError) and error.message == _ABORTED for error in found):
        figure = f"more than {limits.overlaps:,} comparisons of fields and fragments that may overlap"
        raise exceeded("overlaps", figure, limits.overlaps)
    return [shortened(error) for error in found]


def shortened(error: GraphQLError) -> GraphQLError:
    """The same error, if need be with less of what it quotes."""
    if len(error.message) > MESSAGE:
        error.message = f"{error.message[:MESSAGE]}…"
    return error


def without_suggestions(message: str) -> str:
    """`… type 'Task'. Did you mean 'id'?` -> `… type 'Task'.`"""
    return _SUGGESTION.sub("", message)


_SUGGESTION = compile_pattern(r"\s*Did you mean [^?]*\?")
_RULES: tuple[type[ASTValidationRule], ...] = (
    *(rule for rule in specified_rules if rule is not OverlappingFieldsCanBeMergedRule),
    *RULES,
)
