"""Pages of the list over the sandbox, and what they cost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from sandbox import Sandbox
from sandbox.pixai import vendor_examples
from tests.conftest import Client

PAGE = """query ($first: Int, $after: String, $filter: TaskFilter) {
  tasks(first: $first, after: $after, filter: $filter) {
    edges { cursor node { id } }
    nodes { id provider status createdAt channelId ownerId providerId }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    totalCount
    missing { provider code }
  }
}"""


LISTS = {
    "pixai": {"POST /graphql": 1},
    "meshy": {"GET /openapi/v1/image-to-image": 1},
    "newapi": {"GET /api/mj/self": 1},
}


def calls(box: Sandbox) -> dict[str, dict[str, int]]:
    """What each source received."""
    return {upstream.name: dict(upstream.requests) for upstream in box.upstreams() if upstream.requests}


async def page(graph: Client, **variables: Any) -> dict[str, Any]:
    found: dict[str, Any] = (await graph.data(PAGE, **variables))["tasks"]
    return found


Node = dict[str, Any]


IDS = (vendor_examples.BATCH, "1730621826053455")


FILTERS: dict[str, tuple[dict[str, Any], Callable[[Node], bool]]] = {
    "providers": ({"providers": ["MESHY"]}, lambda node: node["provider"] == "MESHY"),
    "statuses": (
        {"statuses": ["FAILED", "CANCELED"]},
        lambda node: node["status"] in {"FAILED", "CANCELED"},
    ),
    "createdAfter": (
        {"createdAfter": "2025-01-10T00:00:00Z"},
        lambda node: node["createdAt"] >= "2025-01-10",
    ),
    "createdBefore": (
        {"createdBefore": "2024-06-01T00:00:00Z"},
        lambda node: node["createdAt"] < "2024-06-01",
    ),
    "between": (
        {"createdAfter": "2024-08-01T00:00:00Z", "createdBefore": "2024-08-02T00:00:00Z"},
        lambda node: "2024-08-01" <= node["createdAt"] < "2024-08-02",
    ),
    "channelId": ({"channelId": "2"}, lambda node: node["channelId"] == "2"),
    "providerIds": ({"providerIds": [*IDS, "404"]}, lambda node: node["providerId"] in IDS),
    "scope": ({"providers": ["PIXAI"], "scope": "ALL"}, lambda node: node["provider"] == "PIXAI"),
}


async def everything(graph: Client, **filter_: Any) -> list[dict[str, Any]]:
    """Every row, page by page."""
    rows: list[dict[str, Any]] = []
    after: str | None = None
    while True:
        found = await page(graph, first=100, after=after, filter=filter_)
        rows += found["nodes"]
        after = found["pageInfo"]["endCursor"]
        if not found["pageInfo"]["hasNextPage"]:
            return rows


def is_at_rest(node: Node) -> bool:
    """Whether a task has a time, and is not one of those that go on while the sandbox runs."""
    yesterday = (datetime.now(UTC) - timedelta(days=1)).isoformat()
    return node["createdAt"] is not None and node["createdAt"] < yesterday


WRONG: dict[str, dict[str, Any]] = {
    "no rows": {"first": 0},
    "negative": {"first": -1},
    "too many": {"first": 101},
    "no cursor": {"after": "next"},
    "empty cursor": {"after": ""},
    "not base64": {"after": "🦊"},
    "forged": {"after": "AAAAAAAAAABbMSwxLCJ4Iix7fSxudWxsXQ"},
}
