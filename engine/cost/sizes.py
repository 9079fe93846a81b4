"""How many objects a list holds: `@listSize` as the SDL has it, or as many as the ids that are asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from graphql import (
    FieldNode,
    GraphQLField,
    GraphQLList,
    GraphQLNonNull,
    IntValueNode,
    ListValueNode,
    NullValueNode,
    ValueNode,
    VariableNode,
    get_nullable_type,
)
from strawberry.federation.schema_directives import Cost, ListSize

from schema.strawberry_seams import directives_of

Variables = Mapping[str, Any]  # as they were sent: validation and coercion come later

INTROSPECTED = {"types": 60, "fields": 8, "args": 1, "enumValues": 2, "inputFields": 1, "directives": 8}

INT = 2**31


class Size(Protocol):
    """How many objects."""

    def of(self, variables: Variables) -> int:
        """With these variables."""
        ...


@dataclass(frozen=True, slots=True)
class Fixed:
    """Always so many."""

    count: int

    def of(self, variables: Variables) -> int:  # noqa: ARG002
        """Whatever the variables."""
        return self.count


@dataclass(frozen=True, slots=True)
class Sliced:
    """As many as a number says. default: where it is missing, null, or nothing that an Int can be."""

    value: ValueNode | None
    default: int

    def of(self, variables: Variables) -> int:
        """Never below 0."""
        found = plain(self.value, variables)
        is_int = isinstance(found, int) and not isinstance(found, bool) and found < INT
        return max(0, found) if is_int else self.default


@dataclass(frozen=True, slots=True)
class Counted:
    """As many as a list holds."""

    value: ValueNode | None

    def of(self, variables: Variables) -> int:
        """A single value stands for a list of one."""
        if isinstance(self.value, ListValueNode):
            return len(self.value.values)
        found = plain(self.value, variables)
        return len(found) if isinstance(found, list) else int(found is not None)


@dataclass(frozen=True, slots=True)
class Included:
    """1 or 0, by `@include(if:)` or `@skip(if:)`."""

    variable: str
    when: bool

    def of(self, variables: Variables) -> int:
        """1 where the variable is not set."""
        return int(bool(variables.get(self.variable, self.when)) is self.when)


def plain(value: ValueNode | None, variables: Variables) -> Any:
    """What an argument holds, as far as sizes need it: a variable's value, a number; else None or a text."""
    if isinstance(value, VariableNode):
        return variables.get(value.name.value)
    if isinstance(value, IntValueNode):
        return int(value.value[:20])
    if value is None or isinstance(value, NullValueNode):
        return None
    return getattr(value, "value", "")


def weight(field: GraphQLField) -> int:
    """`@cost(weight:)`; 1 for most."""
    return next((one.weight for one in directives_of(field) if isinstance(one, Cost)), 1)


def of(field: GraphQLField, node: FieldNode) -> tuple[Size, dict[str, Size]]:
    """How many objects the field itself holds, and the lists of which names under it."""
    listed = next((one for one in directives_of(field) if isinstance(one, ListSize)), None)
    is_list = isinstance(get_nullable_type(field.type), GraphQLList)
    if listed is None:
        return (_of_ids(field, node) if is_list else ONE), {}
    assumed = Fixed(listed.assumed_size) if isinstance(listed.assumed_size, int) else ONE
    if not listed.slicing_arguments:
        return assumed, {}
    size = Sliced(argument(node, listed.slicing_arguments[0]), assumed.count)
    return (size if is_list else ONE), dict.fromkeys(listed.sized_fields or (), size)


def argument(node: FieldNode, name: str) -> ValueNode | None:
    """What a field was given under that name; None where it was not."""
    return next((given.value for given in node.arguments or () if given.name.value == name), None)


def _of_ids(field: GraphQLField, node: FieldNode) -> Size:
    for name, taken in field.args.items():
        if isinstance(taken.type, GraphQLNonNull) and isinstance(taken.type.of_type, GraphQLList):
            return Counted(argument(node, name))
    return Fixed(INTROSPECTED.get(node.name.value, 3))


ONE = Fixed(1)
