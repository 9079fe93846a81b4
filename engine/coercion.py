"""Variables of one operation, coerced: the usual ones at once, the others by graphql-core.

    query ($id: ID!, $first: Int = 20)      "pixai:1" for ID is a str, 3 for Int is an int of 32 bits: as sent

graphql-core works out each variable's type again for every request, which took as long as executing a small
plan. Whatever is not plainly right (missing, null, another type) takes its way, whole.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from graphql import (
    GraphQLError,
    GraphQLInputType,
    GraphQLSchema,
    Undefined,
    VariableDefinitionNode,
    get_nullable_type,
    get_variable_values,
    is_list_type,
    is_non_null_type,
)
from graphql.execution.get_variable_signature import GraphQLVariableSignature, get_variable_signature
from graphql.execution.values import VariableValues, VariableValueSource

WRONG = 50  # errors, as Strawberry has it: each quotes all of its input, 20,000 took 12 s


def _is_text(value: object) -> bool:
    return value.__class__ is str


def _is_int(value: Any) -> bool:  # of any type
    return value.__class__ is int and -2147483648 <= value <= 2147483647


def _is_boolean(value: object) -> bool:
    return value is True or value is False


def _are_texts(value: Any) -> bool:  # of any type
    return value.__class__ is list and all(map(_is_text, value))


_PLAIN: Mapping[str, Callable[[Any], bool]] = {
    "ID": _is_text,
    "String": _is_text,
    "Int": _is_int,
    "Boolean": _is_boolean,
}


class _Variable(NamedTuple):
    """is_plain: whether a value is coerced to itself. may_be_missing: without a default to take its place."""

    name: str
    signature: GraphQLVariableSignature
    is_plain: Callable[[Any], bool]
    is_nullable: bool
    may_be_missing: bool


class Coercion:
    """Of the variables that one operation defines."""

    def __init__(self, schema: GraphQLSchema, definitions: Sequence[VariableDefinitionNode]) -> None:
        self._schema = schema
        self._definitions = definitions
        found = [_variable(schema, one) for one in definitions]
        self._plain = [one for one in found if one is not None] if all(found) else None

    def values(self, given: Mapping[str, Any]) -> VariableValues | list[GraphQLError]:
        """Those that the operation defines; or what is wrong with them."""
        if self._plain is not None:
            values = VariableValues({}, {})
            if all(_put(one, given.get(one.name, Undefined), values) for one in self._plain):
                return values
        return get_variable_values(self._schema, self._definitions, dict(given), max_errors=WRONG)


def plainness(type_: GraphQLInputType) -> Callable[[Any], bool] | None:
    """Whether a value that is not null is coerced to itself; None where its class alone does not say."""
    found = get_nullable_type(type_)
    if is_list_type(found):
        item = get_nullable_type(found.of_type)
        return _are_texts if getattr(item, "name", "") in {"ID", "String"} else None
    return _PLAIN.get(getattr(found, "name", ""))


def _put(one: _Variable, value: Any, into: VariableValues) -> bool:
    if value is Undefined:
        into.sources[one.name] = VariableValueSource(one.signature)
        return one.may_be_missing
    into.sources[one.name] = VariableValueSource(one.signature, value)
    into.coerced[one.name] = value
    return one.is_plain(value) or (value is None and one.is_nullable)


def _variable(schema: GraphQLSchema, definition: VariableDefinitionNode) -> _Variable | None:
    """None where it takes more than a look at a value's class to coerce it."""
    signature = get_variable_signature(schema, definition)
    if isinstance(signature, GraphQLError):
        return None
    is_plain = plainness(signature.type)
    if is_plain is None:
        return None
    is_nullable = not is_non_null_type(signature.type)
    return _Variable(
        signature.name, signature, is_plain, is_nullable, is_nullable and definition.default_value is None
    )
