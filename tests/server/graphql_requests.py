"""Requests to /graphql, right and wrong."""

from __future__ import annotations

import json
from typing import Any

from yarl import URL

from tests.conftest import Client, without_ids

PROVIDERS = {"data": {"providers": [{"provider": name} for name in ("PIXAI", "MESHY", "MIDJOURNEY")]}}


QUERY = "{ providers { provider } }"


PREFLIGHT = {"graphql-preflight": "1"}


def error(message: str, code: str = "BAD_USER_INPUT") -> dict[str, Any]:
    return {"errors": [{"message": message, "extensions": {"code": code}}]}


async def send(
    graph: Client, method: str = "POST", path: str = "/graphql", **how: Any
) -> tuple[int, str, Any]:
    """Status, media type and body."""
    async with graph.session.request(method, URL(graph.origin + path, encoded=True), **how) as response:
        text = await response.text()
        answer = without_ids(json.loads(text) if text else None, response.headers["X-Request-Id"])
        return response.status, response.content_type, answer


NO_BATCHES = "Batches are switched off: send one operation per request (TRIPTYCH_LIMIT_BATCH allows more)"


WRONG_BODIES = [
    (b"\xef\xbb\xbf", 400, "The request is not valid JSON"),
    (b"{", 400, "The request is not valid JSON"),
    (b"\xff\xfe", 400, "The request is not valid JSON"),
    (b"", 400, "The request is not valid JSON"),
    (b'{"query": "\\ud800"}', 400, "The request is not valid JSON"),
    (b"[" * 5_000, 400, "The request is not valid JSON"),
    (b"[]", 400, NO_BATCHES),
    (b"[{}]", 400, NO_BATCHES),
    (b"7", 400, "Expected a JSON object with a query"),
    (b'"{ __typename }"', 400, "Expected a JSON object with a query"),
    (b"null", 400, "The request has no query"),
    (b"{}", 400, "The request has no query"),
    (b'{"query": null}', 400, "The request has no query"),
    (b'{"query": 7}', 400, "query must be a string or null"),
    (
        b'{"query": "{ __typename }", "variables": [1]}',
        400,
        "variables must be an object or null",
    ),
    (
        b'{"query": "{ __typename }", "extensions": "x"}',
        400,
        "extensions must be an object or null",
    ),
    (b'{"query": "{ __typename }", "operationName": 7}', 400, "operationName must be a string or null"),
    (
        b'{"query": "query A { __typename }", "operationName": "B"}',
        400,
        "The document has no operation named 'B'",
    ),
    (
        b'{"query": "subscription { tasksUpdated(ids: []) { taskId } }"}',
        400,
        "Subscriptions need a WebSocket, or Accept: text/event-stream",
    ),
]


WRONG_FORMS: list[dict[str, str]] = [
    {"operations": "{", "map": "{}"},
    {"operations": "[]", "map": "{}"},
    {"operations": '{"query": "{ __typename }"}', "map": '{"0": ["variables.file"]}'},
    {"operations": '{"query": "{ __typename }"}', "map": '{"0": 7}', "0": "x"},
    {
        "operations": '{"query": "{ __typename }", "variables": []}',
        "map": '{"0": ["variables.a.b.3"]}',
        "0": "x",
    },
    {},
]
