"""Types show records: what a resolver gives is what a client reads."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

import resolvers.provider
import resolvers.tasks.list
from loaders.account import Account
from loaders.errors import Throttled
from loaders.pages import TaskEdge, TaskPage
from loaders.records import (
    Capability,
    Cost,
    CostUnit,
    MediaDetails,
    MediaKind,
    MediaRecord,
    MediaUrl,
    MediaVariant,
    Provider,
    SeedOrigin,
    SeedRecord,
    TaskAction,
    TaskFailure,
    TaskRecord,
    TaskStatus,
)
from resolvers.context import RequestContext
from resolvers.provider import ProviderRecord
from resolvers.tasks.filter import TaskQuery
from schema import schema
from tests.canned import Canned, ToldSeeds, canned_context

NOON = datetime(2024, 5, 22, 12, 0, 0, 124000, UTC)
DETAILS = MediaDetails(
    kind=MediaKind.IMAGE,
    width=512,
    height=768,
    content_type="image/png",
    urls=(
        MediaUrl(variant=MediaVariant.PUBLIC, url="https://cdn.example.org/a.png", expires_at=NOON),
        MediaUrl(variant=MediaVariant.THUMBNAIL, url="https://cdn.example.org/a-small.png"),
    ),
)
PICTURE = MediaRecord(
    id="media:pixai:459604023097100648",
    provider=Provider.PIXAI,
    provider_id="459604023097100648",
    key="459604023097100648",
    task_key="1749902216266450789",
)
SEED = SeedRecord(
    id="seed:pixai:1749902216266450789:459604023097100648",
    provider=Provider.PIXAI,
    value=3283868009760115,
    origin=SeedOrigin.REPORTED,
    task_key="1749902216266450789",
    media=(PICTURE,),
)
TASK = TaskRecord(
    id="task:pixai:1749902216266450789",
    provider=Provider.PIXAI,
    provider_id="1749902216266450789",
    key="1749902216266450789",
    status=TaskStatus.SUCCEEDED,
    provider_status="completed",
    is_terminal=True,
    operation="generation",
    model="1648918127446573124",
    prompt="a triptych",
    created_at=NOON,
    duration=8.25,
    media=(PICTURE,),
    cover=MediaRecord(id="media:pixai:1", provider=Provider.PIXAI, provider_id="1", key="1", details=DETAILS),
    seeds=(SEED,),
    failure=TaskFailure(message="none really"),
    cost=Cost(amount=2200, unit=CostUnit.CREDITS),
    actions=(TaskAction(id="MJ::JOB::upsample::1", label="U1", style=2, type=2),),
    parameters={"prompts": "a triptych", "modelId": 1648918127446573124},
)


LOOKED_UP = replace(PICTURE, task_key=None, details=DETAILS)


def source(**given: Any) -> Canned:
    """PixAI with one task and one picture."""
    things: dict[str, Any] = {"tasks": {TASK.key: TASK}, "media": {PICTURE.key: LOOKED_UP}} | given
    return Canned(**things)


async def ask(document: str, *accounts: Account, **variables: object) -> Any:
    """The data of an answer without errors."""
    result = await schema.execute(
        document, variable_values=variables, context_value=canned_context(*accounts)
    )
    assert result.errors is None
    return result.data


async def test_a_task_is_shown_without_a_further_call() -> None:
    """Everything that came with the task is answered from its record, its pictures' ids and seeds too."""
    pixai = source()

    answer = await ask(
        """
        query ($id: ID!) {
          task(id: $id) {
            id provider providerId status providerStatus isTerminal progress operation model prompt createdAt
            finishedAt duration parameters raw
            media { id } cover { id width url }
            seeds { value origin media { id } }
            failure { code message retryable } cost { amount unit }
            actions { id label emoji style type }
          }
        }
        """,
        pixai,
        id=TASK.id,
    )

    assert answer == {
        "task": {
            "id": "task:pixai:1749902216266450789",
            "provider": "PIXAI",
            "providerId": "1749902216266450789",
            "status": "SUCCEEDED",
            "providerStatus": "completed",
            "isTerminal": True,
            "progress": None,
            "operation": "generation",
            "model": "1648918127446573124",
            "prompt": "a triptych",
            "createdAt": "2024-05-22T12:00:00.124Z",
            "finishedAt": None,
            "duration": 8.25,
            "parameters": {"prompts": "a triptych", "modelId": "1648918127446573124"},
            "raw": None,
            "media": [{"id": "media:pixai:459604023097100648"}],
            "cover": {"id": "media:pixai:1", "width": 512, "url": "https://cdn.example.org/a.png"},
            "seeds": [
                {
                    "value": "3283868009760115",
                    "origin": "REPORTED",
                    "media": [{"id": "media:pixai:459604023097100648"}],
                }
            ],
            "failure": {"code": None, "message": "none really", "retryable": None},
            "cost": {"amount": "2200", "unit": "CREDITS"},
            "actions": [{"id": "MJ::JOB::upsample::1", "label": "U1", "emoji": None, "style": 2, "type": 2}],
        }
    }
    assert (pixai.tasks.asked, pixai.media.asked) == ([TASK.key], [])


async def test_a_picture_waits_for_its_details() -> None:
    """What the record does not hold is looked up, once for all fields; the permalink needs no look-up."""
    pixai = source()

    answer = await ask(
        """
        {
          task(id: "task:pixai:1749902216266450789") {
            media {
              id providerId kind width height contentType
              urls { variant url expiresAt }
              url small: url(variant: THUMBNAIL) still: url(variant: STILL_THUMBNAIL, fallback: false)
              expiresAt
              permalink(variant: THUMBNAIL)
              task { id }
              seed { id task { id } }
            }
          }
        }
        """,
        pixai,
    )

    assert answer["task"]["media"] == [
        {
            "id": "media:pixai:459604023097100648",
            "providerId": "459604023097100648",
            "kind": "IMAGE",
            "width": 512,
            "height": 768,
            "contentType": "image/png",
            "urls": [
                {
                    "variant": "PUBLIC",
                    "url": "https://cdn.example.org/a.png",
                    "expiresAt": "2024-05-22T12:00:00.124Z",
                },
                {"variant": "THUMBNAIL", "url": "https://cdn.example.org/a-small.png", "expiresAt": None},
            ],
            "url": "https://cdn.example.org/a.png",
            "small": "https://cdn.example.org/a-small.png",
            "still": None,
            "expiresAt": "2024-05-22T12:00:00.124Z",
            "permalink": "https://here.example/media/media:pixai:459604023097100648?variant=THUMBNAIL",
            "task": {"id": "task:pixai:1749902216266450789"},
            "seed": {
                "id": "seed:pixai:1749902216266450789:459604023097100648",
                "task": {"id": "task:pixai:1749902216266450789"},
            },
        }
    ]
    assert (pixai.tasks.asked, pixai.media.asked) == ([TASK.key], [PICTURE.key])


async def test_a_picture_that_is_gone_is_null_field_by_field() -> None:
    """Its ids stay, because they came with the task."""
    answer = await ask(
        '{ task(id: "task:pixai:1749902216266450789") { media { id kind urls { url } url expiresAt } } }',
        source(media={}),
    )

    assert answer == {
        "task": {
            "media": [
                {
                    "id": "media:pixai:459604023097100648",
                    "kind": None,
                    "urls": None,
                    "url": None,
                    "expiresAt": None,
                }
            ]
        }
    }


async def test_a_picture_without_a_task_asks_nobody_for_it() -> None:
    """Nothing is known to ask with."""
    pixai = source()

    answer = await ask('{ media(id: "pixai:459604023097100648") { task { id } seed { id } } }', pixai)

    assert answer == {"media": {"task": None, "seed": None}}
    assert (pixai.tasks.asked, pixai.media.asked) == ([], [PICTURE.key])


async def test_seeds_that_need_a_call_are_asked_once_for_a_task_in_hand() -> None:
    """The task is not looked up again for them; without such a loader there are none."""
    document = """
        {
          task(id: "task:pixai:1749902216266450789") { seeds { value } media { seed { value } } }
          seed(id: "seed:pixai:1749902216266450789:459604023097100648") { value }
        }
    """
    untold = replace(TASK, seeds=None)
    asking = source(tasks={TASK.key: untold}, seeds={TASK.key: ToldSeeds(SEED)})
    unable = source(tasks={TASK.key: untold})

    value = {"value": "3283868009760115"}
    assert await ask(document, asking) == {
        "task": {"seeds": [value], "media": [{"seed": value}]},
        "seed": value,
    }
    assert (asking.tasks.asked, asking.seeds.asked) == ([TASK.key], [TASK.key])
    assert await ask(document, unable) == {"task": {"seeds": [], "media": [{"seed": None}]}, "seed": None}


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
        edges=(TaskEdge(cursor="c1", node=TASK),),
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
