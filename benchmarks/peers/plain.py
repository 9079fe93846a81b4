"""What one writes first: Strawberry's ASGI app, a dataloader a request, gql with aliases in its text.

PORT and UPSTREAM come from the environment. Nothing is done badly on purpose: the ids of one request are
gathered, PixAI gets them 25 a document as everywhere in this comparison, and uvicorn runs with uvloop.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import strawberry
import uvicorn
from aiodataloader import DataLoader
from gql import Client, gql
from gql.client import AsyncClientSession
from gql.transport.aiohttp import AIOHTTPTransport
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL

CHUNK = 25
STATUSES = {"waiting": "QUEUED", "running": "RUNNING", "completed": "SUCCEEDED", "failed": "FAILED"}
Info = strawberry.Info[dict[str, Any], None]


class MediaLoader(DataLoader[str, Any]):
    """PixAI's media by id."""

    max_batch_size = CHUNK

    def __init__(self, session: AsyncClientSession) -> None:
        super().__init__()
        self.session = session

    async def batch_load_fn(self, keys: list[str]) -> list[Any]:
        """One document; None where PixAI has no such media."""
        fields = "\n".join(
            f'm{i}: media(id: "{key}") {{ id type width height imageType urls {{ variant url }} }}'
            for i, key in enumerate(keys)
        )
        data = await self.session.execute(gql(f"query {{ {fields} }}"))
        return [data[f"m{i}"] for i in range(len(keys))]


@strawberry.type
class MediaUrl:
    """One variant."""

    variant: str
    url: str


@strawberry.type
class Media:
    """A picture."""

    id: strawberry.ID
    width: int | None
    height: int | None
    urls: list[MediaUrl] | None


@strawberry.type
class Task:
    """A generation."""

    id: strawberry.ID
    status: str
    created_at: datetime
    media_ids: strawberry.Private[list[str]]

    @strawberry.field
    async def media(self, info: Info) -> list[Media]:
        """Its results."""
        found = await info.context["media"].load_many(self.media_ids)
        return [_media(node) for node in found if node is not None]


@strawberry.type
class PageInfo:
    """Where the page stands."""

    has_next_page: bool


@strawberry.type
class TaskConnection:
    """A page."""

    nodes: list[Task]
    page_info: PageInfo


LIST = gql(
    """query ($last: Int!) { me { tasks(last: $last) { pageInfo { hasPreviousPage }
    edges { node { id userId parameters outputs status startedAt endAt createdAt updatedAt } } } } }"""
)


@strawberry.type
class Query:
    """As much of the graph as is measured."""

    @strawberry.field
    async def media(self, info: Info, id: strawberry.ID) -> Media | None:
        """By its id."""
        node = await info.context["media"].load(id.removeprefix("pixai:"))
        return None if node is None else _media(node)

    @strawberry.field
    async def media_by_id(self, info: Info, ids: list[strawberry.ID]) -> list[Media | None]:
        """Many, in the ids' order."""
        found = await info.context["media"].load_many([one.removeprefix("pixai:") for one in ids])
        return [None if node is None else _media(node) for node in found]

    @strawberry.field
    async def tasks(self, info: Info, first: int = 20) -> TaskConnection:
        """The newest."""
        data = await info.context["session"].execute(LIST, variable_values={"last": first})
        connection = data["me"]["tasks"]
        nodes = [_task(edge["node"]) for edge in reversed(connection["edges"])]
        return TaskConnection(
            nodes=nodes, page_info=PageInfo(has_next_page=connection["pageInfo"]["hasPreviousPage"])
        )


def _media(node: dict[str, Any]) -> Media:
    return Media(
        id=strawberry.ID(f"media:pixai:{node['id']}"),
        width=node["width"],
        height=node["height"],
        urls=[MediaUrl(variant=one["variant"], url=one["url"]) for one in node["urls"]],
    )


def _task(node: dict[str, Any]) -> Task:
    outputs = node["outputs"] or {}
    return Task(
        id=strawberry.ID(f"task:pixai:{node['id']}"),
        status=STATUSES[node["status"]],
        created_at=datetime.fromisoformat(node["createdAt"]),
        media_ids=[outputs["mediaId"]] if "mediaId" in outputs else [],
    )


class App(GraphQL[dict[str, Any], None]):
    """A loader a request, one session for all."""

    session: AsyncClientSession

    async def get_context(
        self,
        request: Request | WebSocket,
        response: Response | WebSocket,
    ) -> dict[str, Any]:
        """See the class."""
        return {
            "request": request,
            "response": response,
            "session": self.session,
            "media": MediaLoader(self.session),
        }


def application(upstream: str) -> Starlette:
    """The app in front of that origin."""
    graphql = App(strawberry.Schema(Query))

    @asynccontextmanager
    async def opened(_: Starlette) -> AsyncIterator[None]:
        transport = AIOHTTPTransport(url=f"{upstream}/graphql", headers={"Authorization": "Bearer bench"})
        async with Client(transport=transport) as session:
            graphql.session = session
            yield

    return Starlette(lifespan=opened, routes=[Route("/graphql", graphql)])


if __name__ == "__main__":
    uvicorn.run(
        application(os.environ["UPSTREAM"]),
        port=int(os.environ["PORT"]),
        log_level="warning",
        access_log=False,
    )
