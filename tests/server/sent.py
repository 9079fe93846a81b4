"""A request in every detail, and its answer as it came."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import orjson
from yarl import URL

from tests.conftest import Client

JSON = "application/json"


@dataclass(frozen=True)
class Sent:
    """One request, JSON by POST unless it says otherwise. is_lean: whether the short way ends it."""

    body: Any
    is_lean: bool = True
    headers: Mapping[str, str] = field(default_factory=dict)
    method: str = "POST"
    query: str = ""
    is_chunked: bool = False


async def answer(graph: Client, sent: Sent) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body as they came, without the time and without a new request's id."""
    content: bytes = sent.body if isinstance(sent.body, bytes) else orjson.dumps(sent.body)

    async def pieces() -> Any:
        for start in range(0, len(content), 20):
            yield content[start : start + 20]

    async with graph.session.request(
        sent.method,
        URL(f"{graph.origin}/graphql{sent.query}", encoded=True),
        data=pieces() if sent.is_chunked else BytesIO(content),
        headers={"Content-Type": JSON, "Accept-Encoding": "identity", **sent.headers},
        auto_decompress=False,
    ) as response:
        headers = {name.lower(): value for name, value in response.headers.items()}
        headers.pop("date")
        given = headers["x-request-id"]
        if sent.headers.get("X-Request-Id") != given:
            assert len(headers.pop("x-request-id")) == 32
        return response.status, headers, (await response.read()).replace(given.encode(), b"ID")
