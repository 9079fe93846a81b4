"""The graph, put together from its types."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import strawberry
from graphql import GraphQLError
from strawberry.extensions import ParserCache, SchemaExtension, ValidationCache
from strawberry.federation.schema import FederationAny
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionContext

from loaders.errors import BadInput
from schema.errors import ErrorCodes
from schema.media import Media
from schema.mutation import Mutation
from schema.query import Query
from schema.scalars import SCALARS
from schema.seed import Seed
from schema.subscription import Subscription
from schema.task import Task

CACHED_DOCUMENTS = 512  # parsed and validated once each, the least recently used go first
ENTITIES = frozenset({"Task", "Media", "Seed"})


class DocumentCache(ParserCache):
    """Parses each text once.

    A text that cannot be parsed is left to Strawberry: an error raised here would end a stream without
    an answer.
    """

    def on_parse(self) -> Iterator[None]:
        """Hand over the parsed document, unless one came with the request."""
        operation = self.execution_context
        if operation.graphql_document is None:
            with suppress(GraphQLError):
                operation.graphql_document = self.cached_parse_document(
                    operation.query, **operation.parse_options
                )
        yield


class Graph(strawberry.federation.Schema):
    """Strawberry's federated schema, with errors and references handled our way."""

    def process_errors(
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        """Log nothing: `ErrorCodes` logs what is a bug, and only that."""

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
    return Graph(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        types=[Task, Media, Seed],
        extensions=[
            ErrorCodes,
            lambda: DocumentCache(maxsize=CACHED_DOCUMENTS),
            lambda: ValidationCache(maxsize=CACHED_DOCUMENTS),
            *extensions,
        ],
        config=StrawberryConfig(scalar_map=SCALARS),
    )
