"""The ASGI app: the routes, who may use them, and the context that each request gets."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import Route, WebSocketRoute

from loaders.sources import Sources
from resolvers.context import Operation, Role
from schema.graph import build
from server import error_response
from server.access import caller_keys, origins
from server.access.guard import Guard
from server.access.tokens import Tokens
from server.graphql.endpoint import Endpoint
from server.graphql.websocket import OwnOperation
from server.health import Health
from server.page import Page
from server.permalink import Permalinks
from server.settings import Settings

GRAPH = build(OwnOperation)
LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})


def application(settings: Settings, sources: Sources, public_url: str) -> Starlette:
    """The whole surface over sources that are open already.

    public_url: the origin that clients see; permalinks start with it.
    """
    sandboxed = sources.settings.sandboxed
    tokens = Tokens(settings.tokens)

    def for_permalinks() -> Operation:
        # where callers bring their own keys, nobody looks through the server's
        return Operation({} if settings.passthrough else sources.own(), settings.deadline)

    permalinks = Permalinks(public_url, tokens.secret(), for_permalinks)

    def context(headers: Mapping[str, str], role: Role) -> Operation:
        if settings.passthrough:
            accounts = sources.of_caller(caller_keys.credentials(headers))
            return Operation(
                accounts, settings.deadline, role, sandboxed, source_deadline=settings.source_deadline
            )
        return Operation(
            sources.own(), settings.deadline, role, sandboxed, permalinks.link, settings.source_deadline
        )

    endpoint = Endpoint(GRAPH, context, tokens.role)
    health = Health(sources)
    return Starlette(
        routes=[
            Route("/", Page().show),
            Route("/graphql", endpoint),
            WebSocketRoute("/graphql", endpoint),
            Route("/media/{id:path}", permalinks.follow),
            Route("/healthz", health.live),
            Route("/readyz", health.ready),
        ],
        middleware=_middleware(settings, public_url, tokens),
        exception_handlers={HTTPException: error_response.of_status},
    )


def _middleware(settings: Settings, public_url: str, tokens: Tokens) -> list[Middleware]:
    names = LOCAL | {settings.host, origins.name(public_url.partition("://")[2])}
    found = [
        Middleware(error_response.Bugs),
        Middleware(
            Guard,
            names={"*"} if settings.open else names,
            addresses=not origins.is_loopback(settings.host),
            origins={*settings.cors_origins, public_url},
            tokens=tokens,
        ),
    ]
    if settings.cors_origins:
        # before the guard: a browser's preflight carries no token
        cors = Middleware(
            CORSMiddleware,
            allow_origins=settings.cors_origins,
            allow_methods=["GET", "POST"],
            allow_headers=["*"],
            expose_headers=["Retry-After"],
        )
        found.insert(1, cors)
    return found
