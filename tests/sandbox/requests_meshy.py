"""A client that speaks to the emulated Meshy."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import quote

import jiter
from aiohttp import ClientSession
from yarl import URL

from sandbox import Upstream
from tests.sandbox.requests import FIXTURES

API = "/openapi/v1"
IMAGES = f"{API}/image-to-image"
TEXTS = f"{API}/text-to-image"


def documented(name: str) -> Any:
    """A payload of Meshy's own document."""
    return jiter.from_json((FIXTURES / "meshy" / f"{name}.json").read_bytes())


class Meshy:
    """A client of the emulated Meshy, with its key."""

    def __init__(self, upstream: Upstream, session: ClientSession) -> None:
        self.upstream = upstream
        self.session = session

    async def ask(self, path: str, method: str = "GET", **given: Any) -> tuple[int, Any]:
        """The status and the JSON body; None for an empty one. path: encoded already."""
        async with self.session.request(
            method, URL(self.upstream.url + path, encoded=True), **given
        ) as answer:
            body = await answer.read()
            return answer.status, jiter.from_json(body) if body else None

    async def task(self, key: str, collection: str = IMAGES) -> Any:
        """A task that exists."""
        status, body = await self.ask(f"{collection}/{quote(key, safe='')}")
        assert status == 200
        return body

    async def rows(self, query: str, collection: str = IMAGES) -> Any:
        """One page of a list."""
        status, body = await self.ask(f"{collection}?{query}")
        assert status == 200
        return body

    async def fetch(self, url: str) -> tuple[int, str, bytes]:
        """Whatever is behind a URL of the task: status, content type, body. Without the key."""
        async with ClientSession() as anyone, anyone.get(URL(url, encoded=True)) as answer:
            return answer.status, answer.content_type, await answer.read()


@asynccontextmanager
async def asking(upstream: Upstream) -> AsyncIterator[Meshy]:
    """With the right key."""
    async with ClientSession(headers={"Authorization": f"Bearer {upstream.key}"}) as session:
        yield Meshy(upstream, session)
