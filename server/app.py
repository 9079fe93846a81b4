"""The ASGI app: the routes, who may use them, and the context that each request gets."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from hashlib import sha256

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute

from loaders.credentials import Credential, Credentials
from loaders.records import Provider
from loaders.sources import Sources
from resolvers.context import Operation, Role
from schema import schema
from server.access import Guard
from server.graphql import Endpoint
from server.permalink import Permalinks
from server.settings import Settings


def application(settings: Settings, sources: Sources, public_url: str) -> Starlette:
    """The whole surface over sources that are open already.

    public_url: the origin that clients see; permalinks start with it.
    """
    permalinks = Permalinks(public_url, _secret(settings))

    def own(role: Role) -> Operation:
        return Operation(sources.own(), settings.deadline, role, sources.settings.sandboxed, permalinks.link)

    def context(connection: HTTPConnection) -> Operation:
        role: Role = connection.scope["role"]
        if not settings.passthrough:
            return own(role)
        accounts = sources.of_caller(_credentials(connection.headers))
        return Operation(accounts, settings.deadline, role, sources.settings.sandboxed)

    async def permalink(request: Request) -> Response:
        return await permalinks.follow(request, own(Role.READ))

    async def healthz(_request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def readyz(_request: Request) -> Response:
        accounts = sources.own()
        states = {
            provider.value: "not configured"
            if (account := accounts.get(provider)) is None
            else "available"
            if account.breaker.retry_after is None
            else "failing"
            for provider in Provider
        }
        return JSONResponse({"status": "ready", "sources": states})

    endpoint = Endpoint(schema, context)
    return Starlette(
        routes=[
            Route("/graphql", endpoint),
            WebSocketRoute("/graphql", endpoint),
            Route("/media/{id:path}", permalink),
            Route("/healthz", healthz),
            Route("/readyz", readyz),
        ],
        middleware=_middleware(settings, public_url),
    )


def _middleware(settings: Settings, public_url: str) -> list[Middleware]:
    hosts = () if settings.open else {_host(public_url), settings.host, "localhost", "127.0.0.1", "[::1]"}
    found = [
        Middleware(Guard, hosts=hosts, origins=settings.cors_origins, tokens=settings.tokens),
    ]
    if settings.cors_origins:
        found.insert(
            0,
            Middleware(
                CORSMiddleware,
                allow_origins=settings.cors_origins,
                allow_methods=["GET", "POST"],
                allow_headers=["*"],
            ),
        )
    return found


def _host(origin: str) -> str:
    netloc = origin.partition("://")[2]
    return netloc if netloc.endswith("]") else netloc.rpartition(":")[0] or netloc


def _secret(settings: Settings) -> bytes | None:
    # derived from the tokens: the same on every replica and after every restart, gone when they change
    if not settings.tokens:
        return None
    written = " ".join(sorted(token.digest for token in settings.tokens))
    return hmac.new(written.encode(), b"triptych permalinks", sha256).digest()


def _credentials(headers: Mapping[str, str]) -> Credentials:
    found: dict[Provider, Credential] = {}
    if key := headers.get("x-pixai-key"):
        found[Provider.PIXAI] = Credential({"key": key})
    return found
