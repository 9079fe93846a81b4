"""The ASGI app: routes, access, and the context of each request."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import Route, WebSocketRoute

from engine.operation import both_ways
from loaders.sources import Sources
from resolvers.context import Caller, RequestContext, Role
from resolvers.permalink import Permalinks
from schema.graph import Graph, build
from server import error_response
from server.access import caller_keys, origins
from server.access.guard import Guard, Rules
from server.access.tokens import Tokens
from server.checks import Checks
from server.compression import Compression
from server.graphql.endpoint import Endpoint
from server.graphql.websocket import OwnOperation
from server.health import Health
from server.lean import Lean
from server.page import Page
from server.permalink import PermalinkRedirects
from server.request_trace import RequestTraces
from server.settings import Settings

LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})


@cache
def graph() -> Graph:
    """The schema that is served, built once for the process."""
    return build(OwnOperation)


def application(
    settings: Settings, sources: Sources, public_url: str, checks: Checks | None = None
) -> Starlette:
    """Every route, over sources that are open already.

    public_url: the origin that clients use; permalinks start with it. checks: of the sources, for `/readyz`.
    """
    sandboxed = sources.settings.sandboxed
    tokens = Tokens(settings.tokens)
    limits = settings.budget_limits()

    def for_permalinks() -> RequestContext:
        # where callers bring their own keys, nobody may use the server's
        return RequestContext({} if settings.passthrough else sources.own(), settings.deadline)

    permalinks = Permalinks(public_url, tokens.secret())

    def context(headers: Mapping[str, str], role: Role, address: str) -> RequestContext:
        own = not settings.passthrough
        return RequestContext(
            sources.own() if own else sources.of_caller(caller_keys.credentials(headers), address),
            settings.deadline,
            Caller(role),
            sandboxed,
            permalinks if own else None,
            limits,
        )

    ways = both_ways(graph(), settings.operation_limits(), settings.prices(), settings.engine)
    endpoint = Endpoint(ways.graph, context, tokens.role)
    rules = _rules(settings, public_url, tokens)
    lean: list[Middleware] = []
    if ways.direct is not None and not settings.passthrough:  # which reads more headers
        has_cors = bool(settings.cors_origins)
        lean = [Middleware(Lean, ways.direct, rules, context, endpoint, has_cors=has_cors)]
    health = Health(sources, checks)
    return Starlette(
        routes=[
            Route("/", Page().show),
            Route("/graphql", endpoint),
            WebSocketRoute("/graphql", endpoint),
            Route("/media/{id:path}", PermalinkRedirects(permalinks, for_permalinks).follow),
            Route("/healthz", health.live),
            Route("/readyz", health.ready),
        ],
        middleware=[*lean, *_middleware(settings, rules)],
        exception_handlers={HTTPException: error_response.of_status},
    )


def _rules(settings: Settings, public_url: str, tokens: Tokens) -> Rules:
    names = LOCAL | {settings.host, origins.name(public_url.partition("://")[2])}
    return Rules(
        names={"*"} if settings.open else names,
        addresses=not origins.is_loopback(settings.host),
        origins={*settings.cors_origins, public_url},
        tokens=tokens,
    )


def _middleware(settings: Settings, rules: Rules) -> list[Middleware]:
    found = [
        Middleware(RequestTraces),
        Middleware(Compression),
        Middleware(error_response.Bugs),
        Middleware(Guard, rules),
    ]
    if settings.cors_origins:
        # before the guard: a preflight carries no token, and pages may read why they were refused
        cors = Middleware(
            CORSMiddleware,
            allow_origins=settings.cors_origins,
            allow_methods=["GET", "POST"],
            allow_headers=["*"],
            expose_headers=["Retry-After", "X-Request-Id"],
        )
        found.insert(1, cors)
    return found
