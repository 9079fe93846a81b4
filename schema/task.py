"""Task: one generation, whoever runs it. A view of TaskRecord."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry
from graphql import GraphQLResolveInfo

import resolvers.seed
import resolvers.tasks.by_id
from loaders.records import TaskRecord
from resolvers.context import RequestContext
from schema.action import TaskActionType
from schema.cost import CostType
from schema.enums import Provider, TaskStatus
from schema.failure import TaskFailureType
from schema.field import Arguments, load_field
from schema.info import Info
from schema.list_size import assumed, weight
from schema.node import Node
from schema.scalars import JSON, URL

if TYPE_CHECKING:
    from schema.media import Media
    from schema.seed import Seed


def _seeds(record: TaskRecord, _given: Arguments, _context: RequestContext) -> object:
    return resolvers.seed.of_task(record)


@strawberry.federation.type(
    keys=["id"],
    description=(
        "One generation, at any provider. A field is null where the provider does not report it, or not yet."
    ),
)
class Task(Node):
    """A view of TaskRecord."""

    id: strawberry.ID = strawberry.field(
        description=(
            "Global id: `task:pixai:1749902216266450789`, `task:meshy:image-to-image:018a…`, "
            "`task:midjourney:1730621826053455`."
        )
    )
    provider: Provider = strawberry.field(description="The generator that runs it.")
    provider_id: str = strawberry.field(description="The provider's own id of the task.")
    status: TaskStatus = strawberry.field(description="Its state, in the same words for every provider.")
    provider_status: str = strawberry.field(
        description="The status as the provider sent it; it may be empty."
    )
    is_terminal: bool = strawberry.field(
        description=(
            "True where nothing more will happen by itself: stop polling. With UNKNOWN, always for PixAI, "
            "elsewhere once a finish time is set."
        )
    )
    progress: int | None = strawberry.field(
        description="Percent, 0 to 100; null where the provider reports none (PixAI always)."
    )
    operation: str | None = strawberry.field(
        description="The kind of task, in the provider's words: `image-to-image`, `IMAGINE`, `generation` …"
    )
    model: str | None = strawberry.field(
        description="The model: PixAI's model version id, Meshy's model name; null for Midjourney."
    )
    prompt: str | None = strawberry.field(description="The prompt as it was submitted.")
    prompt_english: str | None = strawberry.field(
        description="The prompt in English where the provider translated it (Midjourney); else null."
    )
    negative_prompt: str | None = strawberry.field(
        description="What the picture should not show (PixAI); else null."
    )
    description: str | None = strawberry.field(
        description="The provider's remark on the task (Midjourney's answer to its submission); else null."
    )
    created_at: datetime | None = strawberry.field(description="When it was submitted.")
    started_at: datetime | None = strawberry.field(
        description="When its generation began; null while it waits."
    )
    finished_at: datetime | None = strawberry.field(
        description="When it ended, well or badly; null while it has not."
    )
    updated_at: datetime | None = strawberry.field(
        description="When the provider last changed it. Not for sorting: PixAI may leave it as it was."
    )
    expires_at: datetime | None = strawberry.field(
        description="When the provider removes the results (Meshy); null where it does not say."
    )
    duration: float | None = strawberry.field(
        description="Seconds of generation: as reported, else from start to end; null where unknown."
    )
    queue_position: int | None = strawberry.field(
        description="How many tasks are before it (Meshy); null where the provider does not report it."
    )
    media: list[Annotated["Media", strawberry.lazy("schema.media")]] = strawberry.field(
        description=(
            "The results, in the provider's order; empty before. Their ids cost no further call. A list "
            "shows Midjourney's grid alone where a look-up of the task shows the single pictures, too."
        ),
        directives=[assumed(4)],
    )
    cover: Annotated["Media", strawberry.lazy("schema.media")] | None = strawberry.field(
        description=(
            "The one picture that stands for the task, as a gallery needs it: PixAI's cover of a batch, "
            "Midjourney's grid, else the first result; null before there is any. It may be one of `media`."
        )
    )
    preview: URL | None = strawberry.field(
        description="A picture of the unfinished task (Midjourney); null before it and after the end."
    )
    seeds: list[Annotated["Seed", strawberry.lazy("schema.seed")]] | None = load_field(
        key=_seeds,
        directives=[assumed(4)],
        description=(
            "The seeds of its results; empty where it has none (Meshy never does), null with an error where "
            "the provider failed. Midjourney is asked for them in a call of its own, which may take a minute."
        ),
    )
    failure: TaskFailureType | None = strawberry.field(description="Why it failed; null where it did not.")
    cost: CostType | None = strawberry.field(
        description=(
            "What it cost; null where the provider does not report it. Midjourney's is known from new-api's "
            "rows (lists, or look-ups through new-api), and null where only midjourney-proxy answered."
        )
    )
    actions: list[TaskActionType] = strawberry.field(
        description=(
            "The buttons under the result (Midjourney), for `performAction`; a task that waits for a person "
            "has at least one, which confirms it. Empty elsewhere."
        ),
        directives=[assumed(10)],
    )
    owner_id: str | None = strawberry.field(
        description=(
            "The provider's id of the user who owns it; null where the provider does not report it. "
            "Midjourney's is known from new-api's rows (lists, or look-ups through new-api), and null where "
            "only midjourney-proxy answered."
        )
    )
    channel_id: str | None = strawberry.field(
        description=(
            "The channel of new-api that ran it (Midjourney, for administrators), known from new-api's rows "
            "(lists, or look-ups through new-api); else null, also where only midjourney-proxy answered."
        )
    )
    state: str | None = strawberry.field(
        description="The submitter's own tag, given back unchanged (Midjourney); else null."
    )
    bot_type: str | None = strawberry.field(
        description='The bot that ran it: "MID_JOURNEY", "NIJI_JOURNEY" … (Midjourney); else null.'
    )
    parameters: JSON | None = strawberry.field(
        description="What it was started with, under the provider's own names; null where unknown.",
        directives=[weight(10)],
    )
    raw: JSON | None = strawberry.field(
        description="What the provider sent, without secrets. For debugging: its shape is the provider's.",
        directives=[weight(10)],
    )

    @staticmethod
    def is_type_of(record: object, _info: GraphQLResolveInfo[Any]) -> bool:
        """Whether this type shows the record."""
        return isinstance(record, TaskRecord)

    @classmethod
    async def resolve_reference(cls, id: str, info: Info) -> TaskRecord | None:
        """The task that another subgraph refers to."""
        found: TaskRecord | None = await info.context.fetch(resolvers.tasks.by_id.by_id, id)
        return found
