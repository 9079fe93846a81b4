"""Node: anything with a global id."""

from typing import Any

import strawberry
from graphql import GraphQLAbstractType, GraphQLResolveInfo

from loaders.records import MediaRecord, SeedRecord, TaskRecord

_NAMES: dict[type, str] = {TaskRecord: "Task", MediaRecord: "Media", SeedRecord: "Seed"}


@strawberry.interface(description="Anything that has an id of its own and can be fetched again by it.")
class Node:
    """What Task, Media and Seed share."""

    id: strawberry.ID = strawberry.field(
        description="Unique over all types and providers, stable. Keep it as it is; its spelling may grow."
    )

    @staticmethod
    def resolve_type(record: object, _info: GraphQLResolveInfo[Any], _interface: GraphQLAbstractType) -> str:
        """The GraphQL type that shows a record."""
        return _NAMES[type(record)]
