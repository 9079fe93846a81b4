"""Clients that speak to the emulated new-api and midjourney-proxy."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from itertools import count
from typing import Any
from urllib.parse import quote

import jiter
from aiohttp import ClientSession
from yarl import URL

from sandbox.mjproxy import MidjourneyProxy
from sandbox.newapi import NewApi
from tests.sandbox.requests import FIXTURES

PIG = "1730621826053455"


def documented(name: str) -> Any:
    """A payload of the vendors' own documents."""
    return jiter.from_json((FIXTURES / "midjourney" / f"{name}.json").read_bytes())


class Client:
    """A client with fixed headers that follows no redirect."""

    def __init__(self, origin: str, session: ClientSession, headers: Mapping[str, str]) -> None:
        self.origin = origin
        self.session = session
        self.headers = headers

    async def text(self, path: str, method: str = "GET", **given: Any) -> tuple[int, str, str]:
        """The status, the content type and the body. path: encoded already, from an origin or whole."""
        url = URL((self.origin if path.startswith("/") else "") + path, encoded=True)
        options: dict[str, Any] = {"headers": self.headers, "allow_redirects": False} | given
        async with self.session.request(method, url, **options) as answer:
            return answer.status, answer.content_type, (await answer.read()).decode("utf-8", "replace")

    async def json(self, path: str, method: str = "GET", **given: Any) -> tuple[int, Any]:
        """The status and the JSON body; None for an empty one."""
        status, _, body = await self.text(path, method, **given)
        return status, jiter.from_json(body.encode()) if body else None

    async def fetch(self, key: str) -> Any:
        """The task of this id."""
        status, body = await self.json(f"/mj/task/{quote(key, safe='')}/fetch")
        assert status == 200
        return body

    async def many(self, *keys: str) -> Any:
        """What list-by-condition answers for these ids."""
        status, body = await self.json("/mj/task/list-by-condition", "POST", json={"ids": keys})
        assert status == 200
        return body

    async def submit(self, name: str, body: object) -> tuple[int, Any]:
        """What this submit answers."""
        return await self.json(f"/mj/submit/{name}", "POST", json=body)

    async def seed(self, key: str) -> tuple[int, Any]:
        """What image-seed answers."""
        return await self.json(f"/mj/task/{quote(key, safe='')}/image-seed")

    async def page(self, query: str = "", path: str = "/api/mj/self") -> Any:
        """The data of a list's page."""
        status, body = await self.json(f"{path}?{query}")
        assert (status, body["success"], body["message"]) == (200, True, "")
        return body["data"]

    async def rows(self, query: str = "", path: str = "/api/mj/self") -> list[Any]:
        """All the rows of a list, in pages of 100."""
        found: list[Any] = []
        for number in count(1):
            page = await self.page(f"p={number}&page_size=100&{query}", path)
            found += page["items"]
            if not page["items"]:
                break
        return found


@asynccontextmanager
async def asking_proxy(upstream: MidjourneyProxy) -> AsyncIterator[Client]:
    """A client with midjourney-proxy's key, sent as it wants it."""
    headers = {
        "bearer": {"Authorization": f"Bearer {upstream.key}"},
        "authorization-raw": {"Authorization": upstream.key},
        "mj-api-secret": {"mj-api-secret": upstream.key},
    }[upstream.auth]
    async with ClientSession() as session:
        yield Client(upstream.url, session, headers)


@asynccontextmanager
async def asking_newapi(
    upstream: NewApi, key: str | None = None, user: int | None = None
) -> AsyncIterator[Client]:
    """A client with an access token; None: the first user's."""
    headers = {"Authorization": f"Bearer {key or upstream.key}", "New-Api-User": str(user or upstream.user)}
    async with ClientSession() as session:
        yield Client(upstream.url, session, headers)


@asynccontextmanager
async def asking_relay(upstream: NewApi) -> AsyncIterator[Client]:
    """A client with the first user's API key."""
    async with ClientSession() as session:
        yield Client(upstream.url, session, {"Authorization": f"Bearer {upstream.relay_key}"})
