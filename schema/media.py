"""Media: one picture. A view of MediaRecord, whose details may need a look-up.

Details that came with the task are in hand; the others wait for the operation's loader.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry
from graphql import GraphQLResolveInfo

import resolvers.media
import resolvers.seed
import resolvers.tasks.by_id
from loaders.records import MediaDetails, MediaRecord, TaskRecord
from resolvers.context import RequestContext
from resolvers.need import Need
from schema.enums import MediaKind, MediaVariant, Provider
from schema.field import Argument, Arguments, Attribute, Then, load_field
from schema.info import Info
from schema.list_size import assumed
from schema.media_url import MediaUrlType
from schema.node import Node
from schema.scalars import URL

if TYPE_CHECKING:
    from schema.seed import Seed
    from schema.task import Task

Variant = Annotated[MediaVariant, strawberry.argument(description="The size.")]
Fallback = Annotated[
    bool,
    strawberry.argument(
        description="Where that size is missing, take the nearest larger one instead of null."
    ),
]


def media_detail(
    description: str,
    read: str | Callable[..., object],
    arguments: Mapping[str, Argument] | None = None,
    directives: Sequence[object] = (),
) -> Any:
    """A field that reads one of the details, with its arguments; null where the picture no longer exists.

    read: the attribute's name, or what reads it.
    """
    return load_field(
        key=_details,
        then=Attribute(read) if isinstance(read, str) else _reading(read),
        arguments=arguments,
        is_shared=True,
        in_hand="details",
        description=description,
        directives=directives,
    )


def _reading(read: Callable[..., object]) -> Then:
    def then(details: MediaDetails | None, _record: MediaRecord, given: Arguments) -> object:
        return None if details is None else read(details, **given)

    return then


def _details(record: MediaRecord, _given: Arguments, _context: RequestContext) -> MediaDetails | Need:
    return resolvers.media.details(record)


def _permalink(record: MediaRecord, given: Arguments, context: RequestContext) -> str | None:
    return None if context.permalinks is None else context.permalinks.link(record, given["variant"])


def _task(record: MediaRecord, _given: Arguments, _context: RequestContext) -> Need | None:
    return resolvers.tasks.by_id.of_key(record.provider, record.task_key)


def _seed(task: TaskRecord | None, record: MediaRecord, _given: Arguments) -> object:
    return resolvers.seed.of_media(record, task)


@strawberry.federation.type(
    keys=["id"],
    description=(
        "One picture or video. Everything but its ids may need a look-up at the provider, shared by all the "
        "fields, and is null where the picture no longer exists."
    ),
)
class Media(Node):
    """A view of MediaRecord."""

    id: strawberry.ID = strawberry.field(
        description=(
            "Global id: `media:pixai:459604023097100648`, `media:meshy:image-to-image:018a…:0`, "
            "`media:midjourney:1730621826053455:0` (`:0` the grid, `:1` … single images, `:v0` … videos)."
        )
    )
    provider: Provider = strawberry.field(description="The generator that made or keeps it.")
    provider_id: str = strawberry.field(
        description="The provider's own id: PixAI's media id; elsewhere the task's id and an index."
    )
    kind: MediaKind | None = media_detail(
        "Whether it is a still or a moving picture; null where unknown.", "kind"
    )
    width: int | None = media_detail("Pixels; null where the provider reports none.", "width")
    height: int | None = media_detail("Pixels; null where the provider reports none.", "height")
    aspect_ratio: float | None = media_detail(
        "Width / height, to lay out a grid before the pictures come; where the pixels are not known, "
        "Midjourney's `--ar`; else null.",
        "aspect_ratio",
    )
    content_type: str | None = media_detail(
        'MIME type, such as "image/png"; null where the provider reports none.', "content_type"
    )
    urls: list[MediaUrlType] | None = media_detail(
        "Every address, the largest variant first; null with an error where the provider failed.",
        "urls",
        directives=[assumed(3)],
    )
    url: URL | None = media_detail(
        "The address of one size; null where there is none.",
        resolvers.media.best_url,
        {"variant": Argument(Variant, MediaVariant.PUBLIC), "fallback": Argument(Fallback, True)},
    )
    expires_at: datetime | None = media_detail(
        "When the first of `urls` stops working: fetch it again before then; null where unknown.",
        resolvers.media.earliest_expiry,
    )
    permalink: URL | None = load_field(
        key=_permalink,
        arguments={"variant": Argument(Variant, MediaVariant.PUBLIC)},
        description=(
            "An address of this server that redirects to a fresh one each time: for pages and documents that "
            "outlive `url`. Costs no look-up; null for callers with keys of their own."
        ),
    )
    task: Annotated["Task", strawberry.lazy("schema.task")] | None = load_field(
        key=_task,
        description="The task that made it; null where it is not known (a PixAI picture fetched by its id).",
    )
    seed: Annotated["Seed", strawberry.lazy("schema.seed")] | None = load_field(
        key=_task,
        then=_seed,
        description="The seed it was grown from; null where it has none or its task is not known.",
    )

    @staticmethod
    def is_type_of(record: object, _info: GraphQLResolveInfo[Any]) -> bool:
        """Whether this type shows the record."""
        return isinstance(record, MediaRecord)

    @classmethod
    async def resolve_reference(cls, id: str, info: Info) -> MediaRecord | None:
        """The picture that another subgraph refers to."""
        found: MediaRecord | None = await info.context.fetch(resolvers.media.by_id, id)
        return found
