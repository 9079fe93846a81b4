"""A request's id: taken from `X-Request-Id` or made, given back, put into errors and into the log."""

from __future__ import annotations

import logging
import re
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from secrets import token_hex
from typing import Any

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server import logs

HEADER = "x-request-id"
MOST_OPERATIONS = 20  # lines of one WebSocket
_ID = re.compile(r"[\w.:/+=@-]{1,128}", re.ASCII)
_PATHS = frozenset({"/", "/graphql", "/healthz", "/readyz", "/metrics"})
_STARTS = ("http.response.start", "websocket.http.response.start")
_SCOPE = "triptych.trace"
STARTED = "triptych.started"  # when a request began that comes here only for its last steps
_FAILURES = ("UPSTREAM_", "INTERNAL", "OUTCOME_UNKNOWN")


@dataclass(slots=True)
class Trace:
    """One request, or one WebSocket. codes: of the errors that it was answered with."""

    id: str
    method: str
    path: str
    codes: Counter[str] = field(default_factory=Counter)
    operations: int = 0  # of a WebSocket, that have a line in the log
    started: float = field(default_factory=time.perf_counter)

    def write(self, status: int | None) -> None:
        """Log it, if it was refused or failed. status: None where it has none of its own."""
        if not self.codes and (status is None or status < 400):
            return
        has_failed = (status or 0) >= 500 or any(code.startswith(_FAILURES) for code in self.codes)
        fields = {
            "id": self.id,
            "method": self.method,
            "path": self.path,
            "status": status,
            "codes": ",".join(f"{code}:{count}" for code, count in self.codes.items()) or None,
            "ms": round((time.perf_counter() - self.started) * 1000, 1),
        }
        level = logging.WARNING if has_failed else logging.INFO
        logs.write(level, "request failed" if has_failed else "request refused", fields)


class RequestTraces:
    """ASGI middleware, the outermost."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Call the app; afterwards, one line if the request was refused or failed."""
        id_ = id_of(Headers(scope=scope).get(HEADER, ""))
        trace = scope[_SCOPE] = Trace(id_, scope.get("method", "WEBSOCKET"), _route(scope["path"]))
        trace.started = scope.get(STARTED, trace.started)
        status: int | None = None

        async def traced(message: Message) -> None:
            nonlocal status
            if message["type"] in _STARTS:
                status = message["status"]
                message["headers"] = [*message["headers"], (HEADER.encode(), id_.encode())]
            elif message["type"] == "websocket.accept":
                message["headers"] = [*message.get("headers", []), (HEADER.encode(), id_.encode())]
            await send(message)

        try:
            await self._app(scope, receive, traced)
        finally:
            trace.write(status)


def id_of(given: str) -> str:
    """The request's id: the caller's own, where it looks like one."""
    return given if given and _ID.fullmatch(given) else token_hex(16)


def stamped(scope: Scope, errors: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The errors of an answer, each with `extensions.requestId`; their codes are noted for the log."""
    trace: Trace = scope[_SCOPE]
    found = []
    for error in errors:
        extensions = error.get("extensions") or {}
        trace.codes[str(extensions.get("code", "INTERNAL"))] += 1
        found.append({**error, "extensions": {**extensions, "requestId": trace.id}})
    return found


def write_operation(scope: Scope) -> None:
    """Log one operation of a WebSocket, whose own line would come only when it is closed.

    The first ones: a client that sends wrong operations all day has one line for the rest, at the end.
    """
    trace: Trace = scope[_SCOPE]
    if trace.operations < MOST_OPERATIONS:
        trace.operations += 1
        trace.write(None)
        trace.codes.clear()


def _route(path: str) -> str:
    # a path as it was sent may hold anything, a signed URL or a secret too
    if path in _PATHS:
        return path
    known = {"/media/": "/media/{id}", "/hooks/": "/hooks/{source}/{secret}"}
    return next((route for start, route in known.items() if path.startswith(start)), "(unknown)")
