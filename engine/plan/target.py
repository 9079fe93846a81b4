"""What plans are compiled against: the schema, and what they learn of records while they run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import GraphQLObjectType, GraphQLSchema
from strawberry.types.field import StrawberryField

from engine.plan.shape import shape
from schema.graph import Graph
from schema.strawberry_seams import argument_converter, argument_names


@dataclass(frozen=True, slots=True)
class Target:
    """convert: a field's arguments as its resolver takes them. names: of those that need no converting.

    classes: whose records a type shows, as its own check found. runtime: the type behind an abstract one.
    Both have as many entries as the program has classes of records, and serve all documents.
    """

    schema: GraphQLSchema
    convert: Callable[[StrawberryField, Mapping[str, Any]], dict[str, Any]]
    names: Callable[[StrawberryField], Mapping[str, str]]
    classes: dict[str, set[type]] = field(default_factory=dict)
    runtime: dict[tuple[str, type], GraphQLObjectType] = field(default_factory=dict)

    @classmethod
    def of(cls, graph: Graph) -> Target:
        """Once per graph."""
        return cls(graph.graphql, argument_converter(graph), argument_names(graph))

    def is_complete(self, type_: GraphQLObjectType, shown: type) -> bool:
        """Whether a class has every attribute that the type's fields read."""
        shapes = (shape(self.schema, type_, name) for name in type_.fields)
        return all(one.attribute is None or hasattr(shown, one.attribute) for one in shapes)

    def known(self, type_: GraphQLObjectType) -> set[type]:
        """The classes that a type shows; grows while queries run."""
        return self.classes.setdefault(type_.name, set())
