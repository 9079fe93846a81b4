"""Lists, nodes, entities, pages and providers show their records, too."""

import pytest

import resolvers.provider
import resolvers.tasks.list
from loaders.errors import Throttled
from loaders.pages import TaskEdge, TaskPage
from loaders.records import (
    Capability,
    Provider,
)
from resolvers.context import RequestContext
from resolvers.provider import ProviderRecord
from resolvers.tasks.filter import TaskQuery
from schema import schema
from tests.canned import canned_context
from tests.schema.views import NOON, PICTURE, SEED, TASK, ask, source


async def test_a_node_shows_itself_as_what_it_is() -> None:
    """Each record resolves to its type, in the ids' order, and absence is null."""
    answer = await ask(
        """
        query ($ids: [ID!]!) {
          nodes(ids: $ids) { __typename id ... on Seed { value } }
          node(id: "media:pixai:x") { id }
        }
        """,
        source(),
        ids=[SEED.id, "media:pixai:x", TASK.id, PICTURE.id, SEED.id],
    )

    seed = {"__typename": "Seed", "id": SEED.id, "value": "3283868009760115"}
    assert answer == {
        "nodes": [
            seed,
            None,
            {"__typename": "Task", "id": TASK.id},
            {"__typename": "Media", "id": PICTURE.id},
            seed,
        ],
        "node": None,
    }


async def test_entities_are_found_by_their_keys() -> None:
    """One variable may serve two aliases, an unknown key is null, a broken one is its own item's error."""
    representations = [
        {"__typename": "Task", "id": TASK.id},
        {"__typename": "Media", "id": PICTURE.id},
        {"__typename": "Seed", "id": SEED.id},
        {"__typename": "Task", "id": "task:pixai:2"},
        {"__typename": "Cost", "id": "x"},
        {"__typename": "Task"},
        "Task",
    ]

    result = await schema.execute(
        """
        query ($r: [_Any!]!) {
          a: _entities(representations: $r) { ...E }
          b: _entities(representations: $r) { ...E }
        }

        fragment E on _Entity { __typename ... on Node { id } }
        """,
        variable_values={"r": representations},
        context_value=canned_context(source()),
    )

    found = [
        {"__typename": "Task", "id": TASK.id},
        {"__typename": "Media", "id": PICTURE.id},
        {"__typename": "Seed", "id": SEED.id},
        None,
        None,
        None,
        None,
    ]
    assert result.data == {"a": found, "b": found}
    assert sorted((str(error.path), str(error.extensions)) for error in result.errors or ()) == [
        (str([alias, index]), str({"code": "BAD_USER_INPUT"})) for alias in "ab" for index in (4, 5, 6)
    ]


async def test_a_page_is_shown_as_a_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """The arguments arrive as a query, and the page is seen as edges, as nodes and as its own end."""
    received: list[tuple[int | None, str | None, TaskQuery]] = []
    page = TaskPage(
        edges=(TaskEdge(TASK, lambda: "c1"),),
        has_next_page=True,
        has_previous_page=False,
        end_cursor="c1",
        total_count=None,
        missing=(Throttled("slow down", provider=Provider.MESHY, retry_after=2.0, upstream_status=429),),
    )

    async def answer_page(
        _context: RequestContext, *, first: int | None, after: str | None, where: TaskQuery
    ) -> TaskPage:
        received.append((first, after, where))
        return page

    monkeypatch.setattr(resolvers.tasks.list, "page", answer_page)

    answer = await ask(
        """
        query ($filter: TaskFilter) {
          tasks(first: 1, after: "c0", filter: $filter) {
            edges { cursor node { id } } nodes { id }
            pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
            totalCount
            missing { code message provider retryable retryAfter upstreamStatus }
          }
        }
        """,
        filter={
            "providers": ["PIXAI", "MESHY"],
            "statuses": [],
            "createdAfter": "2024-05-22T14:00:00.124+02:00",
            "scope": "ALL",
            "channelId": None,
        },
    )
    await ask("{ tasks { totalCount } }")

    assert answer == {
        "tasks": {
            "edges": [{"cursor": "c1", "node": {"id": TASK.id}}],
            "nodes": [{"id": TASK.id}],
            "pageInfo": {
                "hasNextPage": True,
                "hasPreviousPage": False,
                "startCursor": "c1",
                "endCursor": "c1",
            },
            "totalCount": None,
            "missing": [
                {
                    "code": "UPSTREAM_THROTTLED",
                    "message": "slow down",
                    "provider": "MESHY",
                    "retryable": True,
                    "retryAfter": 2.0,
                    "upstreamStatus": 429,
                }
            ],
        }
    }
    assert received == [
        (
            1,
            "c0",
            TaskQuery(
                providers=frozenset({Provider.PIXAI, Provider.MESHY}),
                statuses=frozenset(),
                created_after=NOON,
                all_owners=True,
            ),
        ),
        (20, None, TaskQuery()),
    ]


async def test_providers_are_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """A provider's record, with its last error as data."""
    record = ProviderRecord(
        provider=Provider.PIXAI,
        is_configured=True,
        is_sandbox=True,
        capabilities=(Capability.GET_TASK, Capability.GET_MEDIA),
        is_available=False,
        last_error=Throttled("slow down", provider=Provider.PIXAI),
        retry_after=12.5,
    )
    monkeypatch.setattr(resolvers.provider, "every", lambda _context: [record])

    answer = await ask(
        """
        {
          providers {
            provider isConfigured isSandbox capabilities isAvailable lastError { code retryAfter } retryAfter
          }
        }
        """
    )

    assert answer == {
        "providers": [
            {
                "provider": "PIXAI",
                "isConfigured": True,
                "isSandbox": True,
                "capabilities": ["GET_TASK", "GET_MEDIA"],
                "isAvailable": False,
                "lastError": {"code": "UPSTREAM_THROTTLED", "retryAfter": None},
                "retryAfter": 12.5,
            }
        ]
    }
