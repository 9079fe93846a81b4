"""Documents that PixAI refuses whole: what is halved, what is not, and what is remembered."""

from __future__ import annotations

import pytest

from sandbox import Sandbox
from tests.conftest import Client, Serve
from tests.graph.test_graph_calls import GRAPHQL, MEDIA, media_ids

IDS = media_ids(200)
POISONED = IDS[137]


async def test_one_poisoned_id_among_two_hundred_leaves_the_others(graph: Client, box: Sandbox) -> None:
    """199 answers; its chunk of 25 is halved down to it: two calls a step, five steps."""
    box.pixai.fail(GRAPHQL, document_error=True, match=POISONED.removeprefix("media:pixai:"))

    answer = await graph.ask(MEDIA, ids=IDS)

    media = answer["data"]["mediaById"]
    assert [one["id"] for one in media if one is not None] == [id_ for id_ in IDS if id_ != POISONED]
    assert answer["errors"] == [
        {
            "message": "PixAI could not answer the request",
            "locations": [{"line": 1, "column": 24}],
            "path": ["mediaById", 137],
            "extensions": {
                "code": "UPSTREAM_FAULT",
                "provider": "PIXAI",
                "retryable": True,
                "retryAfter": None,
                "upstreamStatus": None,
            },
        }
    ]
    assert box.pixai.requests[GRAPHQL] <= 8 + 2 * 5


@pytest.mark.parametrize("status", [200, 400])
async def test_it_stops_where_both_halves_are_refused(serve: Serve, box: Sandbox, status: int) -> None:
    """A source that refuses everything is asked three times, not fifty."""
    box.pixai.fail(GRAPHQL, document_error=True, status=status)

    async with serve(pixai_chunk=25) as graph:
        answer = await graph.ask(MEDIA, ids=IDS[:25])

    assert answer["data"] == {"mediaById": [None] * 25}
    assert {error["extensions"]["code"] for error in answer["errors"]} == {"UPSTREAM_FAULT"}
    assert box.pixai.requests == {GRAPHQL: 3}


@pytest.mark.parametrize(("status", "code"), [(500, "UPSTREAM_FAULT"), (429, "UPSTREAM_THROTTLED")])
async def test_an_ill_source_is_tried_again_but_never_halved(
    serve: Serve, box: Sandbox, status: int, code: str
) -> None:
    """A 500 or a 429 concerns the whole chunk: three tries, and no smaller documents."""
    box.pixai.fail(GRAPHQL, status=status)

    async with serve(pixai_chunk=25) as graph:
        answer = await graph.ask(MEDIA, ids=IDS[:25])

    assert answer["data"] == {"mediaById": [None] * 25}
    assert {error["extensions"]["code"] for error in answer["errors"]} == {code}
    assert box.pixai.requests == {GRAPHQL: 3}


@pytest.mark.parametrize("status", [401, 402, 403])
async def test_a_refused_key_is_asked_once(serve: Serve, box: Sandbox, status: int) -> None:
    """Neither tried again nor halved: another document would be refused as well."""
    box.pixai.fail(GRAPHQL, status=status)

    async with serve(pixai_chunk=25) as graph:
        answer = await graph.ask(MEDIA, ids=IDS[:25])

    assert answer["data"] == {"mediaById": [None] * 25}
    assert box.pixai.requests == {GRAPHQL: 1}


@pytest.mark.parametrize("code", ["GRAPHQL_VALIDATION_FAILED", "ALIASES_LIMIT_EXCEEDED"])
async def test_an_alias_limit_is_learnt_and_remembered(serve: Serve, box: Sandbox, code: str) -> None:
    """25 is refused and so are 13 and 12; 7 and 6 are good: from then on 7 ids a document."""
    box.pixai.fail(GRAPHQL, max_aliases=10, code=code)

    async with serve(pixai_chunk=25) as graph:
        await graph.data(MEDIA, ids=IDS[:25])
        learning = box.pixai.requests[GRAPHQL]
        await graph.data(MEDIA, ids=IDS[25:95])

    assert learning == 1 + 2 + 2 + 2  # 25; 13, 12; 7, 6; and the 12 as 7 and 5
    assert box.pixai.requests[GRAPHQL] - learning == 10


async def test_a_single_refusal_by_chance_shrinks_nothing(serve: Serve, box: Sandbox) -> None:
    """Both halves were good and no code spoke of size: the next document is as large as before."""
    box.pixai.fail(GRAPHQL, document_error=True, times=1)

    async with serve(pixai_chunk=25) as graph:
        await graph.data(MEDIA, ids=IDS[:25])
        await graph.data(MEDIA, ids=IDS[25:50])

    assert box.pixai.requests == {GRAPHQL: 1 + 2 + 1}


async def test_chance_refusals_of_small_documents_shrink_nothing(serve: Serve, box: Sandbox) -> None:
    """However many: a hundred ids are four documents afterwards."""
    async with serve(pixai_chunk=25) as graph:
        for start in range(0, 20, 2):
            box.pixai.fail(GRAPHQL, document_error=True, times=1)
            await graph.data(MEDIA, ids=IDS[start : start + 2])
        box.pixai.reset()
        await graph.data(MEDIA, ids=IDS[25:125])

    assert box.pixai.requests == {GRAPHQL: 4}


async def test_a_limit_without_a_code_of_its_own_is_learnt_after_three(serve: Serve, box: Sandbox) -> None:
    """Three full documents in a row whose halves were good: it was the size."""
    box.pixai.fail(GRAPHQL, max_aliases=20, code="SOMETHING_ELSE")

    async with serve(pixai_chunk=25) as graph:
        for start in range(0, 75, 25):
            await graph.data(MEDIA, ids=IDS[start : start + 25])
        learning = box.pixai.requests[GRAPHQL]
        await graph.data(MEDIA, ids=IDS[75:101])

    assert learning == 3 * 3
    assert box.pixai.requests[GRAPHQL] - learning == 2  # 13 and 13


async def test_a_throttle_in_the_body_is_tried_again(graph: Client, box: Sandbox) -> None:
    """GraphQL says it with 200 and a code; the document is good a little later."""
    box.pixai.fail(GRAPHQL, document_error=True, code="RATE_LIMITED", times=1)

    data = await graph.data(MEDIA, ids=IDS[:25])

    assert all(data["mediaById"])
    assert box.pixai.requests == {GRAPHQL: 2}


async def test_absence_that_empties_the_document_is_absence(graph: Client, box: Sandbox) -> None:
    """NOT_FOUND for one id, and no data at all: that id is null, the others are there, without an error."""
    poison = POISONED.removeprefix("media:pixai:")
    box.pixai.fail(GRAPHQL, document_error=True, code="NOT_FOUND", match=poison)

    data = await graph.data(MEDIA, ids=[*IDS[:5], POISONED])

    assert [one is None for one in data["mediaById"]] == [False] * 5 + [True]


async def test_an_error_of_one_alias_fails_that_id_alone(graph: Client, box: Sandbox) -> None:
    """`errors[].path[0]` names the alias; the rest of the document is answered."""
    box.pixai.fail(GRAPHQL, partial_errors=1.0, match=POISONED.removeprefix("media:pixai:"))

    answer = await graph.ask(MEDIA, ids=IDS)

    assert [error["path"] for error in answer["errors"]] == [["mediaById", 137]]
    assert sum(one is None for one in answer["data"]["mediaById"]) == 1
    assert box.pixai.requests == {GRAPHQL: 8}


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("NOT_FOUND", None),
        ("FORBIDDEN", "UPSTREAM_REFUSED"),
        ("UNAUTHENTICATED", "UPSTREAM_REFUSED"),
        ("RATE_LIMITED", "UPSTREAM_THROTTLED"),
        ("INTERNAL_SERVER_ERROR", "UPSTREAM_FAULT"),
    ],
)
async def test_an_aliass_code_says_what_it_stands_for(
    graph: Client, box: Sandbox, code: str, expected: str | None
) -> None:
    """Absence is null without an error; the others are typed."""
    box.pixai.fail(GRAPHQL, partial_errors=1.0, match=POISONED.removeprefix("media:pixai:"), code=code)

    answer = await graph.ask(MEDIA, ids=[POISONED, IDS[0]])

    assert answer["data"]["mediaById"][0] is None
    assert answer["data"]["mediaById"][1]["id"] == IDS[0]
    assert [error["extensions"]["code"] for error in answer.get("errors", [])] == [expected] * bool(expected)
