"""Seed: the number that a picture was grown from. A view of SeedRecord."""

from typing import TYPE_CHECKING, Annotated, Any

import strawberry
from graphql import GraphQLResolveInfo

import resolvers.seed
import resolvers.tasks.by_id
from loaders.records import SeedRecord
from resolvers.context import RequestContext
from resolvers.need import Need
from schema.enums import Provider, SeedOrigin
from schema.field import Arguments, load_field
from schema.info import Info
from schema.list_size import assumed
from schema.node import Node
from schema.scalars import BigInt

if TYPE_CHECKING:
    from schema.media import Media
    from schema.task import Task


def _task(record: SeedRecord, _given: Arguments, _context: RequestContext) -> Need | None:
    return resolvers.tasks.by_id.of_key(record.provider, record.task_key)


@strawberry.federation.type(
    keys=["id"],
    description=(
        "The number that a picture was grown from: with the same prompt and parameters it gives nearly the "
        "same picture."
    ),
)
class Seed(Node):
    """A view of SeedRecord."""

    id: strawberry.ID = strawberry.field(
        description="Global id: `seed:pixai:<taskId>:<mediaId>`, `seed:midjourney:<taskId>`."
    )
    provider: Provider = strawberry.field(description="The generator that it belongs to.")
    value: BigInt = strawberry.field(
        description="The seed, exact: an integer of any length, so keep it as a string."
    )
    origin: SeedOrigin = strawberry.field(description="Where it was read from.")
    media: list[Annotated["Media", strawberry.lazy("schema.media")]] = strawberry.field(
        description="The pictures grown from it: one of PixAI's, all of a Midjourney task.",
        directives=[assumed(4)],
    )
    task: Annotated["Task", strawberry.lazy("schema.task")] | None = load_field(
        key=_task,
        description="The task that used it; null where the provider no longer has it.",
    )

    @staticmethod
    def is_type_of(record: object, _info: GraphQLResolveInfo[Any]) -> bool:
        """Whether this type shows the record."""
        return isinstance(record, SeedRecord)

    @classmethod
    async def resolve_reference(cls, id: str, info: Info) -> SeedRecord | None:
        """The seed that another subgraph refers to."""
        found: SeedRecord | None = await info.context.fetch(resolvers.seed.by_id, id)
        return found
