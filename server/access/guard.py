"""Access control: the Host and Origin headers, and a token where tokens are configured.

A request that is refused is answered before its body is read.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from loaders.errors import ErrorCode
from resolvers.context import Caller, Role
from server import error_response
from server.access import origins
from server.access.tokens import Tokens
from server.graphql.admission import wants_page

# probes send no token, pages and their files hold nothing, permalinks carry a signature and hooks a secret
OPEN_PATHS = frozenset({"/", "/healthz", "/readyz"})
OPEN_STARTS = ("/media/", "/graphiql/", "/hooks/")
USUAL = 256  # characters of Host and Origin; longer ones are looked at each time, and keep nothing in memory


class Rules:
    """Whom the server answers.

    names: the hosts that it answers to, `*` for any; addresses: any IP address too, which DNS rebinding
    cannot fake. origins: other origins whose pages are allowed.
    """

    def __init__(
        self, *, names: Collection[str], addresses: bool, origins: Collection[str], tokens: Tokens
    ) -> None:
        self._names = frozenset(names)
        self._addresses = addresses
        self._origins = frozenset(origins)
        self._admits_again = lru_cache(256)(self._admits)
        self.tokens = tokens

    def caller(self, host: str, origin: str | None, authorization: str) -> Caller | None:
        """Who asks at `/graphql`; None where the request is refused, for whatever reason."""
        is_long = len(host) + len(origin or "") > USUAL
        if not (self._admits if is_long else self._admits_again)(host, origin):
            return None
        return self.tokens.caller(authorization)

    def refusal(self, headers: Headers) -> error_response.ErrorResponse | None:
        """Why a host or an origin is refused; None where both are right."""
        host = headers.get("host", "")
        if not self._is_ours(origins.name(host)):
            return error_response.answer(
                400,
                ErrorCode.BAD_USER_INPUT,
                "Unknown Host header: TRIPTYCH_PUBLIC_URL sets the one that clients use",
            )
        written = headers.get("origin")
        if written is None:
            return None
        origin = origins.origin(written)
        if origin is not None and (origin in self._origins or origins.is_same(origin, host)):
            return None
        return error_response.answer(
            403,
            ErrorCode.FORBIDDEN,
            "This Origin is not allowed: TRIPTYCH_CORS_ORIGINS lists those that are",
        )

    def _admits(self, host: str, origin: str | None) -> bool:
        headers = {"host": host} if origin is None else {"host": host, "origin": origin}
        return self.refusal(Headers(headers)) is None

    def _is_ours(self, name: str) -> bool:
        return "*" in self._names or name in self._names or (self._addresses and origins.is_address(name))


class Guard:
    """ASGI middleware. Puts the caller into `scope["caller"]`.

    Where tokens are configured, the caller of a WebSocket without an Authorization header is None: browsers
    send theirs in `connection_init`. So it is of a browser that opens GraphiQL, whose requests carry the
    token. has_graphiql: whether it may.
    """

    def __init__(self, app: ASGIApp, rules: Rules, *, has_graphiql: bool) -> None:
        self._app = app
        self._rules = rules
        self._has_graphiql = has_graphiql

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Call the app, or answer 400, 401 or 403; a refused WebSocket handshake gets the same."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        caller = self._caller(scope, headers)
        refusal = self._rules.refusal(headers)
        if refusal is None and caller is None and not self._may_pass_without(scope, headers):
            refusal = error_response.answer(
                401,
                ErrorCode.UNAUTHENTICATED,
                "Authentication required: send `Authorization: Bearer <token>`",
                headers={"WWW-Authenticate": "Bearer"},
            )
        if refusal is not None:
            await refusal(scope, receive, send)
            return
        scope["caller"] = caller
        await self._app(scope, receive, send)

    def _caller(self, scope: Scope, headers: Headers) -> Caller | None:
        if scope["path"] in OPEN_PATHS or scope["path"].startswith(OPEN_STARTS):
            return Caller(Role.READ)
        return self._rules.tokens.caller(headers.get("authorization", ""))

    def _may_pass_without(self, scope: Scope, headers: Headers) -> bool:
        is_socket = scope["type"] == "websocket" and "authorization" not in headers
        return is_socket or (self._has_graphiql and scope["path"] == "/graphql" and wants_page(scope))
