"""A client that speaks to the emulated PixAI."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jiter
from aiohttp import ClientSession

from sandbox import Upstream

FIXTURES = Path(__file__).parent / "fixtures"
START = 1_740_787_200.0  # 2025-03-01T00:00:00Z, after every task that does not move


class PixAI:
    """A client of the emulated PixAI, with its key."""

    def __init__(self, upstream: Upstream, session: ClientSession) -> None:
        self.upstream = upstream
        self.session = session

    async def post(self, query: str, **variables: object) -> tuple[int, Any]:
        """POST /graphql: the status and the body, with integers exact."""
        async with self.session.post("/graphql", json={"query": query, "variables": variables}) as answer:
            return answer.status, jiter.from_json(await answer.read())

    async def data(self, query: str, **variables: object) -> Any:
        """The data of an answer without errors."""
        status, body = await self.post(query, **variables)
        assert (status, list(body)) == (200, ["data"])
        return body["data"]

    async def send(self, path: str, body: object) -> tuple[int, Any]:
        """POST JSON to a REST route: the status and the JSON body."""
        async with self.session.post(path, json=body) as answer:
            return answer.status, jiter.from_json(await answer.read())

    async def get(self, path: str) -> tuple[int, Any]:
        """GET: the status and the JSON body."""
        async with self.session.get(path, allow_redirects=False) as answer:
            return answer.status, jiter.from_json(await answer.read())
