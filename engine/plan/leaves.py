"""How leaves are written: in the plan's own code where a value is as it should be, else by graphql-core.

    status: TaskStatus!   NAMES[v] if v.__class__ is TaskStatus
    prompt: String        v        if v.__class__ is str
    createdAt: DateTime   write(v) if v.__class__ is datetime and v.tzinfo is UTC

What the condition does not let through (None, a wrong type, a value that cannot be written) takes the
general way, which raises what graphql-core raises.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from re import compile as pattern

from graphql import GraphQLEnumType, GraphQLLeafType

from schema.scalars import show_datetime


@dataclass(frozen=True, slots=True)
class Leaf:
    """condition, expression: Python over `v`, and over `names`, which the code finds under these names.

    is_long: of a length that nobody but the source bounds, so that it is counted.
    """

    condition: str
    expression: str = "v"
    names: tuple[tuple[str, object], ...] = ()
    is_long: bool = False

    def condition_of(self, name: str) -> str:
        """The condition over a value of that name."""
        return _VALUE.sub(name, self.condition)

    def expression_of(self, name: str) -> str:
        """The expression over a value of that name."""
        return _VALUE.sub(name, self.expression)


_VALUE = pattern(r"\bv\b")
_TEXT = Leaf("v.__class__ is str")
_BY_NAME = {
    "String": Leaf("v.__class__ is str", is_long=True),
    "ID": _TEXT,
    "URL": Leaf("v.__class__ is str", is_long=True),
    "Int": Leaf("v.__class__ is int and -2147483648 <= v <= 2147483647"),
    "Float": Leaf("v.__class__ is float and v - v == 0.0"),  # neither NaN nor infinite
    "Boolean": Leaf("v is True or v is False"),
    "BigInt": Leaf("v.__class__ is int", "str(v)"),
    "DateTime": Leaf(
        "v.__class__ is datetime and v.tzinfo is UTC",
        "show_datetime(v)",
        (("datetime", datetime), ("UTC", UTC), ("show_datetime", show_datetime)),
    ),
}


def constant(text: str) -> Leaf:
    """What is the same for every object: its type's name."""
    return Leaf("True", repr(text))


def leaf(type_: GraphQLLeafType) -> Leaf | None:
    """The short way of a leaf type; None where there is only the general one (JSON)."""
    if isinstance(type_, GraphQLEnumType):
        return _enum(type_)
    return _BY_NAME.get(type_.name)


def _enum(type_: GraphQLEnumType) -> Leaf | None:
    # Strawberry's knows the Python enum behind it, and holds the members' plain values under their names
    members = getattr(type_, "wrapped_cls", None)
    if members is None:
        return None
    by_value = {value.value: name for name, value in type_.values.items()}
    names = {member: by_value[member.value] for member in members if member.value in by_value}
    return Leaf(
        f"v.__class__ is class_{type_.name}",
        f"names_{type_.name}[v]",
        ((f"class_{type_.name}", members), (f"names_{type_.name}", names)),
    )
