"""Media: one picture. A view of MediaRecord, whose details may need a look-up.

Details that came with the task are answered at once; the others wait for the operation's loader.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import strawberry
from graphql import GraphQLResolveInfo

import resolvers.media
import resolvers.seed
import resolvers.tasks.by_id
from loaders.records import MediaDetails, MediaRecord, SeedRecord, TaskRecord
from resolvers.context import Operation
from schema.enums import MediaKind, MediaVariant, Provider
from schema.field import resolver_field
from schema.info import Info
from schema.list_size import assumed
from schema.loading import Loads
from schema.media_url import MediaUrlType
from schema.node import Node
from schema.scalars import URL

if TYPE_CHECKING:
    from schema.seed import Seed
    from schema.task import Task

T = TypeVar("T")

_DETAILS = Loads("media", key="key")


def _read(
    context: Operation, record: MediaRecord, read: Callable[[MediaDetails], T]
) -> T | Awaitable[T | None]:
    details = record.details
    return read(details) if details is not None else _read_later(context, record, read)


async def _read_later(context: Operation, record: MediaRecord, read: Callable[[MediaDetails], T]) -> T | None:
    details = await resolvers.media.details(context, record)
    return None if details is None else read(details)


def media_detail(
    description: str, read: Callable[[MediaDetails], object], *, directives: Sequence[object] = ()
) -> Any:
    """A field that shows one detail; null where the picture is gone."""

    def detail(root: strawberry.Parent[MediaRecord], info: Info) -> object:
        return _read(info.context, root, read)

    return resolver_field(detail, loads=_DETAILS, description=description, directives=directives)


def _url(
    root: strawberry.Parent[MediaRecord],
    info: Info,
    variant: Annotated[MediaVariant, strawberry.argument(description="The size.")] = MediaVariant.PUBLIC,
    fallback: Annotated[
        bool,
        strawberry.argument(
            description="Where that size is missing, take the nearest larger one instead of null."
        ),
    ] = True,
) -> str | Awaitable[str | None] | None:
    best_url = partial(resolvers.media.best_url, variant=variant, fallback=fallback)
    return _read(info.context, root, best_url)


def _permalink(
    root: strawberry.Parent[MediaRecord],
    info: Info,
    variant: Annotated[MediaVariant, strawberry.argument(description="The size.")] = MediaVariant.PUBLIC,
) -> str | None:
    return resolvers.media.permalink(info.context, root, variant)


def _task(root: strawberry.Parent[MediaRecord], info: Info) -> Awaitable[TaskRecord | None] | None:
    key = root.task_key
    return None if key is None else resolvers.tasks.by_id.of(info.context, key, root.provider)


def _seed(root: strawberry.Parent[MediaRecord], info: Info) -> Awaitable[SeedRecord | None] | None:
    return None if root.task_key is None else resolvers.seed.of_media(info.context, root)


@strawberry.federation.type(
    keys=["id"],
    description=(
        "One picture or video. Everything but its ids may need a look-up at the provider, shared by all the "
        "fields, and is null where the picture is gone."
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
        "Whether it is a still or a moving picture; null where not told.", attrgetter("kind")
    )
    width: int | None = media_detail("Pixels; null where the provider does not tell.", attrgetter("width"))
    height: int | None = media_detail("Pixels; null where the provider does not tell.", attrgetter("height"))
    content_type: str | None = media_detail(
        'MIME type, such as "image/png"; null where the provider does not tell.', attrgetter("content_type")
    )
    urls: list[MediaUrlType] | None = media_detail(
        "Every address, the largest variant first; null with an error where the provider failed.",
        attrgetter("urls"),
        directives=[assumed(3)],
    )
    url: URL | None = resolver_field(
        _url,
        loads=_DETAILS,
        description="The address of one size; null where there is none.",
    )
    expires_at: datetime | None = media_detail(
        "When the first of `urls` stops working: ask again before then; null where unknown.",
        resolvers.media.earliest_expiry,
    )
    permalink: URL | None = resolver_field(
        _permalink,
        description=(
            "An address of this server that redirects to a fresh one each time: for pages and documents that "
            "outlive `url`. Costs no look-up; null for callers with keys of their own."
        ),
    )
    task: Annotated["Task", strawberry.lazy("schema.task")] | None = resolver_field(
        _task,
        loads=Loads("task", key="task_key"),
        description="The task that made it; null where it is not known (a PixAI picture fetched by its id).",
    )
    seed: Annotated["Seed", strawberry.lazy("schema.seed")] | None = resolver_field(
        _seed,
        loads=Loads("seed", key="task_key"),
        description="The seed it was grown from; null where it has none or its task is not known.",
    )

    @staticmethod
    def is_type_of(record: object, _info: GraphQLResolveInfo[Any]) -> bool:
        """Whether this type shows the record."""
        return isinstance(record, MediaRecord)

    @classmethod
    async def resolve_reference(cls, id: str, info: Info) -> MediaRecord | None:
        """The picture that another subgraph refers to."""
        return await resolvers.media.by_id(info.context, id)
