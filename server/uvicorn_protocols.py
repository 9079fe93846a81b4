"""uvicorn's protocols under the limits of `connections`, which it has no settings for.

Leans on the callbacks and attributes of `HttpToolsProtocol` and `WebSocketsSansIOProtocol`;
tests/server/test_server_seams.py fails when one of those changes.
"""

from __future__ import annotations

import asyncio
from functools import partial
from re import IGNORECASE
from re import compile as pattern
from typing import Any, ClassVar, Protocol

import orjson
from starlette.types import Scope
from uvicorn._types import ASGI3Application, ASGISendEvent
from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from server.connections import HEADERS_TOO_LARGE, LONGEST_HEAD, Connection, Connections, Waiting

WHOLE = "triptych.whole_answer"  # an extension of the scope: head and content of a 200, written in one go
_H2C = pattern(rb"\r\nupgrade:[ \t]*h2c[ \t]*(?=\r\n|$)", IGNORECASE)


class AtOnce(Protocol):
    """Answers what is known already."""

    def __call__(self, scope: Scope, body: bytearray, /) -> tuple[bytes, bytes] | None:
        """The headers of a 200 with the blank line, and its content; None where the app has to answer."""


class HttpProtocol(HttpToolsProtocol):
    """HTTP/1.1, telling `connections` what it waits for. Made by `protocols`.

    A request that comes whole in one piece is shown to `at_once` before the app is called: what is known
    already takes no task, and no messages.
    """

    connections_in_all: ClassVar[Connections]
    at_once: ClassVar[AtOnce | None] = None
    _may_hold = False  # while a head is read that came after all answers before it
    _held: ASGI3Application | None = None  # the app, until the newest request's first piece is read
    _admitted: Connection | None = None
    _running: RequestResponseCycle | None = None  # upstream keeps the newest, which may wait for this one

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn
        """Refuse it where there are too many."""
        super().connection_made(transport)
        self._admitted = self.connections_in_all.admit(transport, self)

    def connection_lost(self, exc: Exception | None) -> None:
        """It counts no longer."""
        self.connections_in_all.leave(self.transport)
        super().connection_lost(exc)
        if self._running is not None and not self._running.response_complete:
            self._running.disconnected = True  # else it would write to what is closed
            self._running.message_event.set()
        self._take_back()

    def data_received(self, data: bytes) -> None:
        """Parse, unless it was refused; a head that does not end is an attack on memory."""
        owed = self._admitted
        if owed is None or self.transport.is_closing():
            return
        if owed.waiting is Waiting.NOTHING:
            owed.wait_for(Waiting.HEAD, self.loop.time())
        if owed.waiting is Waiting.HEAD:
            if not owed.received and b"h2c" in data:
                data = _without_h2c(data)
            owed.received += len(data)
        super().data_received(data)
        if owed.waiting is Waiting.HEAD and owed.received > LONGEST_HEAD:
            self.refuse(431, HEADERS_TOO_LARGE, f"Expected at most {LONGEST_HEAD:,} bytes of headers")
        self._let_go()

    def on_message_begin(self) -> None:
        """The head of a request begins."""
        super().on_message_begin()
        if self._admitted is not None and self._admitted.waiting is Waiting.NOTHING:
            self._admitted.wait_for(Waiting.HEAD, self.loop.time())
            self._admitted.received = 1  # or more: they came in one piece with the request before

    def on_header(self, name: bytes, value: bytes) -> None:
        """Trailers are dropped: nobody reads them, and they may go on for ever."""
        if self._admitted is None or self._admitted.waiting is Waiting.HEAD:
            super().on_header(name, value)

    def on_body(self, body: bytes) -> None:
        """Of the bytes, those of the body alone give it more time: not chunks' sizes, nor trailers."""
        super().on_body(body)
        if self._admitted is not None:
            self._admitted.received += len(body)

    def on_headers_complete(self) -> None:
        """Its body begins."""
        self._may_hold = True
        super().on_headers_complete()
        self._may_hold = False
        if self._admitted is not None:
            self._admitted.wait_for(Waiting.BODY, self.loop.time())

    def on_message_complete(self) -> None:
        """Its body has ended."""
        super().on_message_complete()
        if self._admitted is not None:
            # answered before: uvicorn's keep-alive time-out was called off by the rest of the body
            is_answered = self._newest is not None and self._newest.response_complete
            self._admitted.wait_for(Waiting.HEAD if is_answered else Waiting.NOTHING, self.loop.time())
        if self._held is not None and self.at_once is not None:
            self._answer(self.at_once, self.cycle)
            self._let_go()

    def on_response_complete(self) -> None:
        """The client could not send the next request before; what is left of this one nobody reads."""
        owed = self._admitted
        if owed is not None:
            owed.since = self.loop.time()
            if owed.waiting is Waiting.BODY and not self.pipeline:
                owed.waiting = Waiting.REST
        self._take_back()
        super().on_response_complete()

    def is_busy(self) -> bool:
        """Whether an earlier request is still being answered."""
        is_answering = self._newest is not None and not self._newest.response_complete
        is_head = self._admitted is not None and self._admitted.waiting is Waiting.HEAD
        return bool(self.pipeline) or (is_head and is_answering)

    def refuse(self, status: int, code: str, message: str) -> None:
        """Answer in the graph's own form, where a request and no answer has begun, and close."""
        owed = self._admitted
        if owed is not None and owed.waiting is Waiting.HEAD and not owed.received:
            self.transport.close()  # a browser opens connections ahead: there is nothing to answer
            return
        newest = self._newest
        if newest is None or not newest.response_started or newest.response_complete:
            error = {"message": message, "extensions": {"code": code}}
            self.transport.write(_answer(status, orjson.dumps({"errors": [error]})))
        self.transport.close()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        if self._may_hold and self.at_once is not None and app is self.app:
            self._held = app
        else:
            self._running = cycle
            scope: Any = cycle.scope  # a TypedDict of the same
            scope["extensions"] = {WHOLE: partial(self._take, cycle)}
            super()._start_asgi_task(cycle, app)

    def _take_back(self) -> None:
        # what the running request may write with: it holds the request, which would wait for the collector
        if self._running is not None:
            scope: Any = self._running.scope
            scope.pop("extensions", None)

    def _let_go(self) -> None:
        """Start what is held: more of its body has to come, or only the app knows the answer."""
        if self._held is not None:
            app, self._held = self._held, None
            self._start_asgi_task(self.cycle, app)

    def _answer(self, at_once: AtOnce, cycle: RequestResponseCycle) -> None:
        """Write what is known already; then nothing is held any more."""
        if not self._may_write(cycle):
            return
        scope: Any = cycle.scope
        found = at_once(scope, cycle.body)
        if found is not None:
            self._held = None
            self._write(cycle, *found)

    def _may_write(self, cycle: RequestResponseCycle) -> bool:
        """Whether an answer may go out in one go: nothing waits before it, and the connection stays open."""
        is_new = not cycle.response_started and not cycle.disconnected
        return is_new and cycle.keep_alive and not self.flow.write_paused and not self.transport.is_closing()

    def _take(self, cycle: RequestResponseCycle, head: bytes, content: bytes) -> bool:
        """The app's whole answer of 200; False where it has to be sent in messages."""
        may_write = self._may_write(cycle)
        if may_write:
            self._write(cycle, head, content)
        return may_write

    def _write(self, cycle: RequestResponseCycle, head: bytes, content: bytes) -> None:
        """An answer of 200, as the cycle would have written it."""
        dated = [part for name, value in cycle.default_headers for part in (name, b": ", value, b"\r\n")]
        self.transport.write(b"".join((STATUS_LINE[200], *dated, head, content)))
        cycle.response_started = cycle.response_complete = True
        cycle.message_event.set()
        self.on_response_complete()

    @property
    def _newest(self) -> RequestResponseCycle | None:
        # typed without None upstream, and None until the first request's headers are complete
        return self.cycle

    def send_400_response(self, msg: str) -> None:
        """What is not HTTP, in the same form."""
        self.refuse(400, "BAD_USER_INPUT", msg)


class WebSocketProtocol(WebSocketsSansIOProtocol):
    """A WebSocket, which counts as a connection until it is closed. Made by `protocols`."""

    connections_in_all: ClassVar[Connections]

    def connection_lost(self, exc: Exception | None) -> None:
        """It counts no longer."""
        self.connections_in_all.leave(self.transport)
        super().connection_lost(exc)

    async def send(self, message: ASGISendEvent) -> None:
        """A handshake that was refused with an answer is complete: uvicorn would log it as an error."""
        await super().send(message)
        if message["type"] == "websocket.http.response.body" and self.close_sent:
            self.handshake_complete = True


def protocols(
    connections: Connections, at_once: AtOnce | None = None
) -> tuple[type[HttpProtocol], type[WebSocketProtocol]]:
    """Both for one server: uvicorn takes classes, and makes the protocols itself."""
    known = at_once

    class Http(HttpProtocol):
        connections_in_all = connections
        at_once = known

    class WebSocket(WebSocketProtocol):
        connections_in_all = connections

    return Http, WebSocket


def _without_h2c(data: bytes) -> bytes:
    """A request that offers HTTP/2, as Java's client does, without the offer: httptools drops its body."""
    head, end, rest = data.partition(b"\r\n\r\n")
    return _H2C.sub(b"", head) + end + rest


def _answer(status: int, body: bytes) -> bytes:
    head = (
        b"content-type: application/json\r\ncache-control: no-store\r\nconnection: close\r\n"
        b"content-length: %d\r\n\r\n" % len(body)
    )
    return STATUS_LINE[status] + head + body
