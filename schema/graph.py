"""The graph, put together from its types."""

from collections.abc import Callable
from copy import copy
from functools import cached_property
from typing import Any, Final, cast

import strawberry
from graphql import Executor, GraphQLError, GraphQLSchema
from strawberry.extensions import SchemaExtension
from strawberry.federation.schema import FederationAny
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionContext
from strawberry.types.base import WithStrawberryObjectDefinition
from strawberry.types.scalar import scalar

from loaders.errors import BadInput
from schema import federation
from schema.errors import ErrorCodes
from schema.media import Media
from schema.mutation import Mutation
from schema.query import Query
from schema.scalars import SCALARS
from schema.seed import Seed
from schema.strawberry_seams import StrawberryExecutor
from schema.subscription import Subscription
from schema.task import Task

FEDERATION: Final = "2.9"  # the oldest that has @listSize and @cost: more routers can compose it
# Strawberry's own has no description
_ANY: Final = scalar(name="_Any", description=federation.ANY, serialize=lambda value: value)
ENTITIES = frozenset({"Task", "Media", "Seed"})


class Graph(strawberry.federation.Schema):
    """Strawberry's federated schema, with errors and references handled our way."""

    def process_errors(
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        """Log nothing: `ErrorCodes` logs what is a bug, and only that."""

    @cached_property
    def subgraph(self) -> str:
        """The SDL that routers compose: what `_service` answers."""
        return federation.subgraph(self.as_str())

    @property
    def graphql(self) -> GraphQLSchema:
        """What graphql-core parses, validates and executes against."""
        return self._schema

    def extended(self, *extensions: Callable[[], SchemaExtension], executor: type[Executor[Any]]) -> "Graph":
        """The same types with more extensions, inside the others, and another executor."""
        graph = copy(self)
        graph.extensions = (*self.extensions, *extensions)
        graph.execution_context_class = executor
        return graph

    def _get_federation_query_type(self, *given: Any) -> type:
        """Strawberry's, with a description of what it adds."""
        query = cast("type[WithStrawberryObjectDefinition]", super()._get_federation_query_type(*given))
        (entities,) = (one for one in query.__strawberry_definition__.fields if one.name == "_entities")
        entities.description = federation.ENTITIES
        entities.arguments[0].description = federation.REPRESENTATIONS
        return query

    def entities_resolver(
        self, info: strawberry.Info, representations: list[FederationAny]
    ) -> list[FederationAny]:
        """Entities by their keys. A representation that is none costs its own item only.

        They are copied, because Strawberry takes them apart: one variable may serve two aliases.
        """
        return [self._entity(info, representation) for representation in representations]

    def _entity(self, info: strawberry.Info, representation: Any) -> Any:  # as the client sent it; a record
        if not isinstance(representation, dict) or representation.get("__typename") not in ENTITIES:
            return BadInput(
                f"a representation is an object whose __typename is one of {', '.join(sorted(ENTITIES))}"
            )
        if not isinstance(representation.get("id"), str):
            return BadInput("a representation has its id as a string")
        key = {"__typename": representation["__typename"], "id": representation["id"]}
        return super().entities_resolver(info, [key])[0]  # type: ignore[list-item]  # a NewType of object


def build(*extensions: Callable[[], SchemaExtension]) -> Graph:
    """The schema. extensions: a server's own (limits, metrics); their errors get codes like all others."""
    graph = Graph(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        types=[Task, Media, Seed],
        extensions=[
            ErrorCodes,
            *extensions,
        ],
        config=StrawberryConfig(scalar_map=SCALARS),
        scalar_overrides={FederationAny: _ANY},
        execution_context_class=StrawberryExecutor,
        federation_version=FEDERATION,
    )
    federation.describe(graph.graphql)
    return graph
