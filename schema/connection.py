"""A page of tasks. Views of TaskPage and TaskEdge."""

import strawberry

from loaders.pages import TaskPage
from loaders.records import TaskRecord
from schema.errors import SourceErrorType, to_graphql
from schema.field import call_field
from schema.list_size import assumed
from schema.task import Task


def _nodes(root: strawberry.Parent[TaskPage]) -> list[TaskRecord]:
    return [edge.node for edge in root.edges]


def _missing(root: strawberry.Parent[TaskPage]) -> list[SourceErrorType]:
    return [to_graphql(error) for error in root.missing]


def _page_info(root: strawberry.Parent[TaskPage]) -> TaskPage:
    return root


@strawberry.type(name="TaskEdge", description="A task and its place in the list.")
class TaskEdgeType:
    """A view of loaders.pages.TaskEdge."""

    cursor: str = strawberry.field(description="Its place: give it as `after` to go on behind it. Opaque.")
    node: Task = strawberry.field(description="The task.")


# shareable: every subgraph with Relay's pages has the same type
@strawberry.federation.type(
    shareable=True, description="Where a page begins and ends, after Relay's specification."
)
class PageInfo:
    """A view of TaskPage."""

    has_next_page: bool = strawberry.field(
        description=(
            "Whether there may be more. True while a provider may have more, or has failed in a way that may "
            "pass; false where all have ended, or cannot serve."
        )
    )
    has_previous_page: bool = strawberry.field(description="Whether this page began behind a cursor.")
    start_cursor: str | None = strawberry.field(description="The first task's cursor; null on an empty page.")
    end_cursor: str | None = strawberry.field(
        description="Give it as `after` for the next page; null where there is nothing to go on from."
    )


@strawberry.type(
    description=(
        "A page of tasks of several providers, newest first. Each task comes once, whatever fails meanwhile: "
        "a provider that was `missing` goes on where it stopped as soon as it answers, so that a page after "
        "an outage may begin with newer tasks than the page before it. Otherwise the order is strict. A page "
        "may hold fewer tasks than asked for and still have a next one: only `pageInfo.hasNextPage` says so."
    )
)
class TaskConnection:
    """A view of TaskPage."""

    edges: list[TaskEdgeType] = strawberry.field(description="The tasks with their cursors.")
    nodes: list[Task] = call_field(_nodes, description="The same tasks without cursors.")
    page_info: PageInfo = call_field(_page_info, description="Where the page ends.")
    total_count: int | None = strawberry.field(
        description="How many tasks the whole list has; null unless every selected provider counts."
    )
    missing: list[SourceErrorType] = call_field(
        _missing,
        directives=[assumed(3)],
        description=(
            "The providers that did not answer this page, whose tasks are left out of it. Where the error is "
            "retryable, they come on the first page that the provider answers. Where no provider answers, or "
            "all that is left has failed so, `tasks` is null with an error: ask for the same page again."
        ),
    )
