"""Query: everything that can be read."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated

import strawberry

import resolvers.media
import resolvers.node
import resolvers.provider
import resolvers.seed
import resolvers.tasks.by_id
import resolvers.tasks.list
from loaders.pages import TaskPage
from resolvers.context import RequestContext
from resolvers.need import Need
from resolvers.provider import ProviderRecord
from schema.connection import TaskConnection
from schema.federation import Service
from schema.field import Argument, Arguments, KeyOf, call_field, load_field, load_list
from schema.filter import TaskFilter, given
from schema.info import Info
from schema.list_size import assumed, sliced, weight
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


def _id(by_id: Callable[[str], Need]) -> KeyOf:
    """The need of a look-up by the argument `id`."""

    def key(_root: object, given: Arguments, context: RequestContext) -> Need:
        context.budget.spend_ids(1)
        return by_id(given["id"])

    return key


def _item(by_id: Callable[[str], Need]) -> KeyOf:
    """The need of one of the argument's ids."""

    def key(id: str, _given: Arguments, _context: RequestContext) -> Need:
        return by_id(id)

    return key


def _tasks(
    info: Info, first: First = 20, after: After = strawberry.UNSET, filter: Filter = strawberry.UNSET
) -> Awaitable[TaskPage]:
    where = (given(filter) or TaskFilter()).as_query()
    return resolvers.tasks.list.page(info.context, first=first, after=given(after), where=where)


def _providers(info: Info) -> Sequence[ProviderRecord]:
    return resolvers.provider.every(info.context)


def _service(info: Info) -> Service:
    # the schema is the Graph that holds this type; strawberry.Info knows its base alone
    return Service(sdl=info.schema.subgraph)  # type: ignore[attr-defined]


@strawberry.type(
    description=(
        "Everything that can be read. What a provider does not have is null; only where a provider did not "
        "answer is there an error, on that field alone."
    )
)
class Query:
    """The readable part of the graph."""

    node: Node | None = load_field(
        key=_id(resolvers.node.by_id),
        arguments={"id": Argument(NodeId)},
        description="Any object by its global id; null where nothing has this id.",
    )
    nodes: list[Node | None] = load_list(
        over="ids",
        key=_item(resolvers.node.by_id),
        arguments={"ids": Argument(NodeIds)},
        description="Many objects by id, in the ids' order; null where there is none. Fetched in batches.",
    )
    task: Task | None = load_field(
        key=_id(resolvers.tasks.by_id.by_id),
        arguments={"id": Argument(TaskId)},
        description="A task by its id; null where there is none.",
    )
    tasks_by_id: list[Task | None] = load_list(
        over="ids",
        key=_item(resolvers.tasks.by_id.by_id),
        arguments={"ids": Argument(TaskIds)},
        description="Many tasks by id, in the ids' order; null where there is none. Fetched in batches.",
    )
    media: Media | None = load_field(
        key=_id(resolvers.media.by_id),
        arguments={"id": Argument(MediaId)},
        description="A picture by its id; null where there is none.",
    )
    media_by_id: list[Media | None] = load_list(
        over="ids",
        key=_item(resolvers.media.by_id),
        arguments={"ids": Argument(MediaIds)},
        description="Many pictures by id, in the ids' order; null where there is none. Fetched in batches.",
    )
    seed: Seed | None = load_field(
        key=_id(resolvers.seed.by_id),
        arguments={"id": Argument(SeedId)},
        description="A seed by its id; null where there is none.",
    )
    tasks: TaskConnection | None = call_field(
        _tasks,
        description=(
            "Tasks of every provider in one list, newest first; those without a time last. A provider that "
            "failed catches up on a later page: see `TaskConnection`."
        ),
        directives=[sliced("first", default=20, fields=["edges", "nodes"]), weight(200)],
    )
    providers: list[ProviderInfo] = call_field(
        _providers,
        description="Every provider, configured or not. Calls none of them.",
        directives=[assumed(3)],
    )
    _service: Service = strawberry.field(
        name="_service", resolver=_service, description="This graph as a subgraph, for routers."
    )
