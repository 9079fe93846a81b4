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
from resolvers.context import Caller, RequestContext
from resolvers.permalink import Permalinks
from resolvers.subscriptions import Subscriptions
from resolvers.writes import Writes
from schema.graph import Graph, build
from server import documents, error_response
from server.access import caller_keys, origins
from server.access.guard import Guard, Rules
from server.access.tokens import Tokens
from server.answers import Answers, AtOnce
from server.checks import Checks
from server.compression import Compression
from server.graphql.body import FORM, JSON
from server.graphql.endpoint import Endpoint
from server.graphql.graphiql import PATH, GraphiQL
from server.graphql.manifest import DocumentsMode
from server.graphql.websocket import OwnOperation
from server.graphql_settings import Switch
from server.heads import EXPOSED, Heads
from server.health import Health
from server.hooks import Hooks
from server.lean import Lean, Outcome
from server.page import Page
from server.permalink import PermalinkRedirects
from server.request_trace import RequestTraces
from server.settings import Settings
from server.under_way import UnderWay

LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})


@cache
def graph() -> Graph:
    """The schema that is served, built once for the process."""
    return build(OwnOperation)


@cache
def _graphiql() -> GraphiQL:
    return GraphiQL()


def application(
    settings: Settings,
    sources: Sources,
    public_url: str,
    checks: Checks | None = None,
    writes: Writes | None = None,
) -> Starlette:
    """Every route, over sources that are open already.

    public_url: the origin that clients use; permalinks start with it. checks: of the sources, for `/readyz`.
    writes: None: idempotency keys end with the app. Whoever stops the server calls
    `app.state.subscriptions.end()` first. `app.state.at_once` knows answers that need no call of the app;
    None where none is kept.
    """
    writes = writes or Writes(seconds=settings.write_seconds)
    sandboxed = sources.settings.sandboxed
    tokens = Tokens(settings.tokens)
    limits = settings.budget_limits()
    subscriptions = Subscriptions(settings.subscription_limits())

    def for_permalinks() -> RequestContext:
        # where callers bring their own keys, nobody may use the server's
        accounts = {} if settings.passthrough else sources.own()
        return RequestContext(accounts, settings.deadline, limits=limits)

    permalinks = Permalinks(public_url, tokens.secret())

    def context(headers: Mapping[str, str], caller: Caller, address: str) -> RequestContext:
        own = not settings.passthrough
        return RequestContext(
            sources.own() if own else sources.of_caller(caller_keys.credentials(headers), address),
            settings.deadline,
            caller,
            sandboxed,
            permalinks if own else None,
            limits,
            writes,
            subscriptions,
        )

    ways = both_ways(
        graph(),
        settings.operation_limits(),
        settings.prices(),
        settings.engine,
        hides_schema=not settings.introspection,
    )
    graphiql = _graphiql() if settings.has_graphiql else None
    endpoint = Endpoint(
        ways.graph,
        context,
        tokens.caller,
        {JSON: settings.body_bytes, FORM: settings.upload_bytes},
        documents=documents.opened(settings),
        largest_batch=settings.limit_batch,
        graphiql=graphiql,
    )
    rules = _rules(settings, public_url, tokens)
    lean: list[Middleware] = []
    at_once: AtOnce | None = None
    # callers' own keys come in more headers, and a document that has to be named has no text
    is_usual = not settings.passthrough and settings.documents_mode is not DocumentsMode.ONLY
    if ways.direct is not None and is_usual:
        heads = Heads(rules, settings.cors_origins)
        vary = b"Accept-Encoding, Origin" if settings.cors_origins else b"Accept-Encoding"
        answers = Answers(vary, is_on=settings.answers is Switch.ON)
        at_once = AtOnce(heads, answers) if answers.is_on else None
        under_way: UnderWay[Outcome] = UnderWay(sources.changes, settings.deadline, is_on=answers.is_on)
        lean = [Middleware(Lean, ways.direct, heads, answers, under_way, context, endpoint)]
    health = Health(sources, checks)
    pages = [Route("/", Page().show)] if settings.has_pages else []
    files = [Route(f"{PATH}{{name}}", graphiql.file)] if graphiql is not None else []
    app = Starlette(
        routes=[
            *pages,
            *files,
            Route("/graphql", endpoint),
            WebSocketRoute("/graphql", endpoint),
            Route("/media/{id:path}", PermalinkRedirects(permalinks, for_permalinks).follow),
            Route("/healthz", health.live),
            Route("/readyz", health.ready),
            *_hooks(settings, sources),
        ],
        middleware=[*lean, *_middleware(settings, rules)],
        exception_handlers={HTTPException: error_response.of_status},
    )
    app.state.subscriptions = subscriptions
    app.state.at_once = at_once
    return app


def _hooks(settings: Settings, sources: Sources) -> list[Route]:
    """One route, where a secret opens it."""
    if settings.hook_secret is None:
        return []
    hooks = Hooks(settings.hook_secret.get_secret_value(), sources.wake)
    return [Route("/hooks/{source}/{secret}", hooks.receive, methods=["POST"])]


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
        Middleware(Guard, rules, has_graphiql=settings.has_graphiql),
    ]
    if settings.cors_origins:
        # before the guard: a preflight carries no token, and pages may read why they were refused
        cors = Middleware(
            CORSMiddleware,
            allow_origins=settings.cors_origins,
            allow_methods=["GET", "POST"],
            allow_headers=["*"],
            expose_headers=EXPOSED,
        )
        found.insert(1, cors)
    return found
