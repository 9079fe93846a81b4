"""Query: everything that can be read."""

from collections.abc import Awaitable, Sequence
from typing import Annotated

import strawberry

import resolvers.media
import resolvers.node
import resolvers.provider
import resolvers.seed
import resolvers.tasks.by_id
import resolvers.tasks.list
from loaders.pages import TaskPage
from loaders.records import MediaRecord, SeedRecord, TaskRecord
from resolvers.provider import ProviderRecord
from schema.connection import TaskConnection
from schema.field import resolver_field
from schema.filter import TaskFilter, given
from schema.info import Info
from schema.media import Media
from schema.node import Node
from schema.provider import ProviderInfo
from schema.seed import Seed
from schema.task import Task

NodeId = Annotated[strawberry.ID, strawberry.argument(name="id", description="A global id, with its type.")]
TaskId = Annotated[
    strawberry.ID,
    strawberry.argument(
        name="id",
        description="A task's id; `task:` may be left out, and `meshy:<uuid>` means image-to-image.",
    ),
]
MediaId = Annotated[
    strawberry.ID, strawberry.argument(name="id", description="A picture's id; `media:` may be left out.")
]
SeedId = Annotated[
    strawberry.ID, strawberry.argument(name="id", description="A seed's id; `seed:` may be left out.")
]
NodeIds = Annotated[
    list[strawberry.ID], strawberry.argument(description="Global ids, with their types; they may repeat.")
]
TaskIds = Annotated[
    list[strawberry.ID],
    strawberry.argument(description="Tasks' ids, which may repeat and leave out `task:`."),
]
MediaIds = Annotated[
    list[strawberry.ID],
    strawberry.argument(description="Pictures' ids, which may repeat and leave out `media:`."),
]
First = Annotated[int | None, strawberry.argument(description="How many tasks, 1 to 100; null means 20.")]
After = Annotated[
    str | None, strawberry.argument(description="A cursor: only tasks behind it. Absent: from the newest.")
]
Filter = Annotated[
    TaskFilter | None,
    strawberry.argument(name="filter", description="Which tasks; absent: all of the caller's."),
]


def _node(info: Info, id: NodeId) -> Awaitable[TaskRecord | MediaRecord | SeedRecord | None]:
    return resolvers.node.by_id(info.context, id)


def _nodes(
    info: Info, ids: NodeIds
) -> Awaitable[Sequence[TaskRecord | MediaRecord | SeedRecord | Exception | None]]:
    return resolvers.node.by_ids(info.context, ids)


def _task(info: Info, id: TaskId) -> Awaitable[TaskRecord | None]:
    return resolvers.tasks.by_id.by_id(info.context, id)


def _tasks_by_id(info: Info, ids: TaskIds) -> Awaitable[Sequence[TaskRecord | Exception | None]]:
    return resolvers.tasks.by_id.by_ids(info.context, ids)


def _media(info: Info, id: MediaId) -> Awaitable[MediaRecord | None]:
    return resolvers.media.by_id(info.context, id)


def _media_by_id(info: Info, ids: MediaIds) -> Awaitable[Sequence[MediaRecord | Exception | None]]:
    return resolvers.media.by_ids(info.context, ids)


def _seed(info: Info, id: SeedId) -> Awaitable[SeedRecord | None]:
    return resolvers.seed.by_id(info.context, id)


def _tasks(
    info: Info, first: First = 20, after: After = strawberry.UNSET, filter: Filter = strawberry.UNSET
) -> Awaitable[TaskPage]:
    where = (given(filter) or TaskFilter()).as_query()
    return resolvers.tasks.list.page(info.context, first=first, after=given(after), where=where)


def _providers(info: Info) -> Sequence[ProviderRecord]:
    return resolvers.provider.every(info.context)


@strawberry.type(
    description=(
        "Everything that can be read. What a provider does not have is null; only where a provider did not "
        "answer is there an error, on that field alone."
    )
)
class Query:
    """The readable part of the graph."""

    node: Node | None = resolver_field(
        _node, description="Anything by its global id; null where there is no such thing."
    )
    nodes: list[Node | None] = resolver_field(
        _nodes,
        description="Many things by id, in the ids' order; null where there is none. Fetched in batches.",
    )
    task: Task | None = resolver_field(_task, description="A task by its id; null where there is none.")
    tasks_by_id: list[Task | None] = resolver_field(
        _tasks_by_id,
        description="Many tasks by id, in the ids' order; null where there is none. Fetched in batches.",
    )
    media: Media | None = resolver_field(_media, description="A picture by its id; null where there is none.")
    media_by_id: list[Media | None] = resolver_field(
        _media_by_id,
        description="Many pictures by id, in the ids' order; null where there is none. Fetched in batches.",
    )
    seed: Seed | None = resolver_field(_seed, description="A seed by its id; null where there is none.")
    tasks: TaskConnection | None = resolver_field(
        _tasks,
        description=(
            "Tasks of every provider in one list, newest first; those without a time last. A provider that "
            "failed catches up on a later page: see `TaskConnection`."
        ),
    )
    providers: list[ProviderInfo] = resolver_field(
        _providers, description="Every provider, configured or not. Calls none of them."
    )
