"""What a field of the schema is to a plan: read from the schema once, when it is first needed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    FieldNode,
    GraphQLError,
    GraphQLField,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    is_non_null_type,
)
from strawberry.types.field import StrawberryField

from schema.field import CALLED, COMPUTED, METADATA, Load
from schema.strawberry_seams import strawberry_field


class Bubble(Exception):
    """A failure where null is not allowed, on its way up to the nearest place where it is."""

    def __init__(self, error: GraphQLError) -> None:
        super().__init__(error.message)
        self.error = error


@dataclass(frozen=True, slots=True)
class Shape:
    """One field of one type. attribute: of the record; None where it is loaded, computed or called.

    called: a resolver that takes the info and arguments, where there is nothing of Strawberry's around it.
    """

    definition: GraphQLField
    strawberry: StrawberryField | None
    attribute: str | None
    load: Load | None
    computed: Callable[[Any], Any] | None = None
    called: Callable[..., Any] | None = None

    @property
    def takes_converted(self) -> bool:
        """Whether its arguments are handed over with Python's names and values, as declared."""
        return self.strawberry is not None and (self.load is not None or self.called is not None)


def shape(schema: GraphQLSchema, parent: GraphQLObjectType, name: str) -> Shape:
    """Of a field that validation has found to be there."""
    definition = schema.get_field(parent, name)
    assert definition is not None, f"{parent}.{name} is valid"
    found = strawberry_field(definition)
    if found is None:
        return Shape(definition, None, None, None)
    if found.base_resolver is None:
        return Shape(definition, found, found.python_name, None)
    of = found.metadata.get
    return Shape(definition, found, None, of(METADATA), of(COMPUTED), of(CALLED))


@dataclass(eq=False, slots=True)
class Site:
    """Where a field stands in a document: all the nodes that were merged into it.

    index: of its arguments in a run. fixed: those that no variable can change; None where they are worked
    out in each run. given: of those handed over as they were sent, name, variable, and whether null is right.
    plans: what shows an object here, by the name of its type. guarded: makes the same for an object that may
    lack what it should have, so that each field fails for itself.
    """

    key: str
    nodes: list[FieldNode]
    parent: GraphQLObjectType
    shape: Shape
    index: int
    fixed: dict[str, Any] | None = None
    given: tuple[tuple[str, str, bool], ...] = ()
    plans: dict[str, Any] = field(default_factory=dict)
    guarded: dict[str, Callable[[], Any]] = field(default_factory=dict)

    @property
    def type(self) -> GraphQLOutputType:
        """As the schema declares it."""
        return self.shape.definition.type

    @property
    def is_nullable(self) -> bool:
        """Whether a failure ends here."""
        return not is_non_null_type(self.shape.definition.type)
