"""A source that fails: the fields concerned say how, everything beside them is whole."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from sandbox import Sandbox
from sandbox.pixai import vendor_examples
from server.settings import Settings
from tests.conftest import Client, Serve, serving

GRAPHQL = "POST /graphql"
TASK = f"task:pixai:{vendor_examples.BATCH}"

# what goes wrong -> (code, retryable, retryAfter, upstreamStatus, upstream calls)
FAILURES: dict[str, tuple[dict[str, Any], tuple[str, bool, float | None, int | None, int]]] = {
    "400": ({"status": 400}, ("UPSTREAM_REJECTED", False, None, 400, 1)),
    "401": ({"status": 401}, ("UPSTREAM_REFUSED", False, None, 401, 1)),
    "402": ({"status": 402}, ("UPSTREAM_OUT_OF_CREDIT", False, None, 402, 1)),
    "403": ({"status": 403}, ("UPSTREAM_REFUSED", False, None, 403, 1)),
    "404": ({"status": 404}, ("UPSTREAM_REJECTED", False, None, 404, 1)),
    "429": ({"status": 429}, ("UPSTREAM_THROTTLED", True, None, 429, 3)),
    "429 for longer than the deadline": (
        {"status": 429, "retry_after": 90},
        ("UPSTREAM_THROTTLED", True, 90.0, 429, 1),
    ),
    "500": ({"status": 500}, ("UPSTREAM_FAULT", True, None, 500, 3)),
    "503 with Retry-After": (
        {"status": 503, "retry_after": 45},
        ("UPSTREAM_FAULT", True, 45.0, 503, 1),
    ),
    "reset": ({"reset": True}, ("UPSTREAM_UNREACHABLE", True, None, None, 3)),
    "truncated": ({"truncated": True}, ("UPSTREAM_MALFORMED", True, None, None, 3)),
    "HTML": ({"html": True}, ("UPSTREAM_MALFORMED", True, None, None, 3)),
    "HTML with 502": ({"html": True, "status": 502}, ("UPSTREAM_FAULT", True, None, 502, 3)),
    "not JSON": ({"not_json": True}, ("UPSTREAM_MALFORMED", True, None, None, 3)),
}


@pytest.mark.parametrize("name", FAILURES)
async def test_a_failure_has_its_type_and_costs_its_field_alone(
    graph: Client, box: Sandbox, name: str
) -> None:
    """Every root field that asks PixAI is null with the same typed error; the sibling is whole."""
    fault, (code, retryable, retry_after, status, calls) = FAILURES[name]
    box.pixai.fail(GRAPHQL, **fault)
    query = '{ task(id: "pixai:1") { id } providers { provider } }'

    answer = await graph.ask(query)

    assert answer["data"] == {
        "task": None,
        "providers": [{"provider": "PIXAI"}, {"provider": "MESHY"}, {"provider": "MIDJOURNEY"}],
    }
    assert [(error["path"], error["extensions"]) for error in answer["errors"]] == [
        (
            ["task"],
            {
                "code": code,
                "provider": "PIXAI",
                "retryable": retryable,
                "retryAfter": retry_after,
                "upstreamStatus": status,
            },
        )
    ]
    assert box.pixai.requests == {GRAPHQL: calls}


async def test_a_field_that_needs_a_second_look_fails_alone(graph: Client, box: Sandbox) -> None:
    """The task is there; its pictures' details are not, field by field, and nothing above them is lost."""
    query = """query ($id: ID!) { task(id: $id) { status cover { id kind width height contentType urls { url }
               url expiresAt permalink provider task { id } seed { id } } seeds { value } } }"""
    await graph.data("query ($id: ID!) { task(id: $id) { id } }", id=TASK)
    box.pixai.fail(GRAPHQL, status=401)

    answer = await graph.ask(query, id=TASK)

    cover = f"media:pixai:{vendor_examples.BATCH_COVER}"
    waiting = ["kind", "width", "height", "contentType", "urls", "url", "expiresAt"]
    assert answer["data"]["task"] == {
        "status": "SUCCEEDED",
        "cover": {
            "id": cover,
            **dict.fromkeys(waiting),
            "permalink": f"{graph.origin}/media/{cover}",
            "provider": "PIXAI",
            "task": {"id": TASK},
            "seed": None,
        },
        "seeds": [{"value": str(seed)} for seed in vendor_examples.BATCH_SEEDS],
    }
    assert [error["path"] for error in answer["errors"]] == [["task", "cover", field] for field in waiting]


async def test_a_passing_fault_is_not_seen(graph: Client, box: Sandbox) -> None:
    """Two 500s, then an answer: reads are tried again."""
    box.pixai.fail(GRAPHQL, status=500, times=2)

    data = await graph.data("query ($id: ID!) { task(id: $id) { status } }", id=TASK)

    assert data == {"task": {"status": "SUCCEEDED"}}
    assert box.pixai.requests == {GRAPHQL: 3}


async def test_a_slow_source_ends_with_the_deadline(serve: Serve, box: Sandbox) -> None:
    """Its field says so; the sibling does not wait in vain."""
    box.pixai.fail(GRAPHQL, latency=30)

    async with serve(deadline=0.2) as graph:
        answer = await graph.ask('{ task(id: "pixai:1") { id } __typename }')

    assert answer["data"] == {"task": None, "__typename": "Query"}
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["UPSTREAM_TIMEOUT"]


async def test_a_caller_who_leaves_takes_nobody_along(graph: Client, box: Sandbox) -> None:
    """Two ask for the same picture; one hangs up while PixAI thinks; the other is answered, by one call."""
    box.pixai.fail(GRAPHQL, latency=0.3, times=1)
    query = "query ($id: ID!) { media(id: $id) { width } }"
    ask = [
        asyncio.create_task(graph.data(query, id=f"pixai:{vendor_examples.SINGLE_MEDIA}")) for _ in range(2)
    ]
    await asyncio.sleep(0.1)

    ask[0].cancel()

    assert await ask[1] == {"media": {"width": 512}}
    assert box.pixai.requests == {GRAPHQL: 1}


async def test_a_source_that_is_not_there_is_told_and_comes_back(box: Sandbox) -> None:
    """Nothing listens at its address: unreachable. `providers` tells the last error, without a call."""
    settings = Settings(pixai_url="http://127.0.0.1:9", pixai_key="k")  # type: ignore[arg-type]
    query = '{ task(id: "pixai:1") { id } }'

    async with serving(settings, box) as graph:
        answer = await graph.ask(query)
        providers = await graph.data("{ providers { provider isSandbox lastError { code provider } } }")

    assert [error["extensions"]["code"] for error in answer["errors"]] == ["UPSTREAM_UNREACHABLE"]
    assert providers["providers"][0] == {
        "provider": "PIXAI",
        "isSandbox": False,
        "lastError": {"code": "UPSTREAM_UNREACHABLE", "provider": "PIXAI"},
    }


async def test_a_storm_of_failures_opens_the_breaker(graph: Client, box: Sandbox) -> None:
    """After eight failed calls in a row PixAI is left alone: no call, the same error, a time to wait."""
    box.pixai.fail(GRAPHQL, status=500)
    for key in range(3):
        await graph.ask(f'{{ task(id: "pixai:{key}") {{ id }} }}')
    calls = dict(box.pixai.requests)

    answer = await graph.ask('{ task(id: "pixai:9") { id } }')
    providers = await graph.data("{ providers { isAvailable retryAfter } }")

    assert box.pixai.requests == calls == {GRAPHQL: 8}
    extensions = answer["errors"][0]["extensions"]
    assert extensions.pop("retryAfter") > 0
    assert extensions == {
        "code": "UPSTREAM_FAULT",
        "provider": "PIXAI",
        "retryable": True,
        "upstreamStatus": 500,
    }
    assert providers["providers"][0]["isAvailable"] is False
    assert providers["providers"][0]["retryAfter"] > 0
