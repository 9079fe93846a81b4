"""Who may ask: the Host and the Origin that are ours, and a token where tokens are in force.

Nothing here looks at the body; a request that may not pass is answered before it is read.
"""

from __future__ import annotations

import hmac
from collections.abc import Collection
from dataclasses import dataclass, field
from hashlib import sha256
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from loaders.errors import ErrorCode
from resolvers.context import Role

UNGUARDED = ("/healthz", "/readyz", "/media/")  # probes send no token; permalinks carry a signature


@dataclass(frozen=True, slots=True)
class Token:
    """One caller. digest: sha256 of the token, so that the settings hold no token."""

    name: str
    role: Role
    digest: str = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> Token:
        """`name:role:sha256`. Raises ValueError."""
        name, role, digest = text.split(":")
        if not name or len(bytes.fromhex(digest)) != sha256().digest_size:
            raise ValueError(text)
        try:
            return cls(name, Role[role.upper()], digest.lower())
        except KeyError:
            raise ValueError(role) from None


class Guard:
    """ASGI middleware. Puts the caller's role into `scope["role"]`.

    hosts: the names this server answers to; empty: any. origins: other pages that may ask.
    tokens: who may ask; empty: anyone who gets here, as an admin (the server then listens on loopback,
    or was told to be open).
    """

    def __init__(
        self, app: ASGIApp, *, hosts: Collection[str], origins: Collection[str], tokens: Collection[Token]
    ) -> None:
        self._app = app
        self._hosts = frozenset(hosts)
        self._origins = frozenset(origins)
        self._tokens = tuple(tokens)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, or answer 400, 401 or 403 (a refused WebSocket handshake is a 403)."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        refusal = self._foreign(headers)
        role = self._role(scope, headers)
        if refusal is None and role is None:
            refusal = _answer(401, ErrorCode.UNAUTHENTICATED, "a token is wanted: Authorization: Bearer …")
        if refusal is not None:
            await refusal(scope, receive, send)
            return
        scope["role"] = role
        await self._app(scope, receive, send)

    def _foreign(self, headers: Headers) -> JSONResponse | None:
        host = headers.get("host", "")
        if self._hosts and _name(host) not in self._hosts:
            return _answer(400, ErrorCode.BAD_USER_INPUT, "this server is not known under that Host")
        origin = headers.get("origin")
        if origin is None or origin in self._origins or urlsplit(origin).netloc == host:
            return None
        return _answer(403, ErrorCode.FORBIDDEN, "pages of that Origin may not ask this server")

    def _role(self, scope: Scope, headers: Headers) -> Role | None:
        if not self._tokens:
            return Role.ADMIN
        if scope["path"].startswith(UNGUARDED):
            return Role.READ
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        digest = sha256(token.strip().encode()).hexdigest()
        matches = [known.role for known in self._tokens if hmac.compare_digest(known.digest, digest)]
        return matches[0] if matches else None


def _name(host: str) -> str:
    return host.rsplit(":", 1)[0] if not host.endswith("]") else host


def _answer(status: int, code: ErrorCode, message: str) -> JSONResponse:
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None
    return JSONResponse(
        {"errors": [{"message": message, "extensions": {"code": code.value}}]},
        status_code=status,
        headers=headers,
    )
