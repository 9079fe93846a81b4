"""The limits on connections: how many there are, and how slowly a client may send and read.

A connection that waits for its client costs a descriptor and some kilobytes, so what a client can make the
server wait for has an end: the head of a request, its body, the reading of an answer.

    head      header_seconds, from the first byte (or from the connection) to the blank line
    body      body_seconds, and a second more for each RATE bytes that have come
    the rest of a body that was answered already: body_seconds
    an answer that is read slower than RATE for send_seconds: cut off
    between two requests: uvicorn's keep-alive time-out, 5 s
"""

from __future__ import annotations

import asyncio
import logging
import socket
import struct
from collections import Counter
from dataclasses import dataclass, field
from enum import Enum
from ipaddress import ip_address, ip_network
from typing import Protocol

from server import logs

# codes of what is refused before there is a request
HEADERS_TOO_LARGE = "HEADERS_TOO_LARGE"
REQUEST_TIMEOUT = "REQUEST_TIMEOUT"
TOO_MANY_CONNECTIONS = "TOO_MANY_CONNECTIONS"

RATE = 8 * 1024  # bytes a second: slower than any line that pictures are looked at over
LONGEST_HEAD = 64 * 1024  # bytes; uvicorn's parser has no limit of its own
SWEEP = 1.0  # seconds between two looks at all connections, at most


@dataclass(frozen=True, slots=True)
class Limits:
    """Open connections, in all and per client address (0: no limit); seconds for each part of a request."""

    connections: int = 1000
    per_client: int = 200
    header_seconds: float = 10.0
    body_seconds: float = 20.0
    send_seconds: float = 20.0


class Waiting(Enum):
    """What the client owes."""

    NOTHING = "nothing"
    HEAD = "head"
    BODY = "body"
    REST = "rest"  # of a body that nobody reads any more


class Served(Protocol):
    """One connection's protocol."""

    def is_busy(self) -> bool:
        """Whether the server itself keeps the client waiting: for an earlier request's answer."""

    def refuse(self, status: int, code: str, message: str) -> None:
        """Answer so, if no answer has begun, and close."""


@dataclass(slots=True, eq=False)
class Connection:
    """One client's connection, as the limits see it. Times are those of the event loop's clock."""

    transport: asyncio.Transport
    client: str
    served: Served
    since: float
    waiting: Waiting = Waiting.HEAD
    received: int = 0  # bytes of what it waits for
    unsent: int = field(default=0, init=False)  # bytes of answers when it was last looked at
    drained: int = field(default=0, init=False)  # bytes that the client has read since `slow_since`
    slow_since: float = field(default=0.0, init=False)

    def wait_for(self, waiting: Waiting, now: float) -> None:
        """From now on the client owes that."""
        self.waiting, self.since, self.received = waiting, now, 0

    def overdue(self, now: float, limits: Limits) -> bool:
        """Whether the client has had time enough to send what it owes."""
        allowed = {
            Waiting.HEAD: limits.header_seconds,
            Waiting.BODY: limits.body_seconds + self.received / RATE,
            Waiting.REST: limits.body_seconds,
        }.get(self.waiting)
        return allowed is not None and now - self.since > allowed and not self.served.is_busy()

    def is_stuck(self, now: float, limits: Limits) -> bool:
        """Whether an answer waits in memory and the client reads next to nothing of it."""
        unsent = self.transport.get_write_buffer_size()
        self.drained += max(0, self.unsent - unsent)
        self.unsent = unsent
        if unsent and now - self.slow_since <= limits.send_seconds:
            return False
        is_stuck = bool(unsent) and self.drained < RATE * limits.send_seconds
        self.drained, self.slow_since = 0, now
        return is_stuck


class Connections:
    """Every open connection of the server."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.closed: Counter[str] = Counter()  # by reason, since the last look
        self._open: dict[asyncio.Transport, Connection] = {}
        self._by_client: Counter[str] = Counter()
        self._every = min(SWEEP, limits.header_seconds, limits.body_seconds, limits.send_seconds)
        self._sweep: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return len(self._open)

    def admit(self, transport: asyncio.Transport, served: Served) -> Connection | None:
        """A new connection; None where there are too many, which is answered and closed here."""
        loop = asyncio.get_running_loop()
        client = client_of(transport.get_extra_info("peername"))
        is_greedy = 0 < self.limits.per_client <= self._by_client[client]
        if is_greedy or len(self._open) >= self.limits.connections:
            self.closed["too many connections"] += 1
            served.refuse(503, TOO_MANY_CONNECTIONS, "Too many connections; try again later")
            return None
        now = loop.time()
        connection = self._open[transport] = Connection(transport, client, served, now)
        connection.slow_since = now
        self._by_client[client] += 1
        if self._sweep is None:
            self._sweep = loop.call_later(self._every, self._look)
        return connection

    def leave(self, transport: asyncio.Transport) -> None:
        """It is closed."""
        connection = self._open.pop(transport, None)
        if connection is not None:
            self._by_client[connection.client] -= 1
            if not self._by_client[connection.client]:
                del self._by_client[connection.client]

    def _look(self) -> None:
        loop = asyncio.get_running_loop()
        for connection in list(self._open.values()):
            self._judge(connection, loop.time())
        for reason, count in self.closed.items():
            logs.write(logging.INFO, "connections closed", {"reason": reason, "count": count})
        self.closed.clear()
        self._sweep = loop.call_later(self._every, self._look) if self._open else None

    def _judge(self, connection: Connection, now: float) -> None:
        if connection.is_stuck(now, self.limits):
            self.closed["answer not read"] += 1
            _reset(connection.transport)
        elif connection.overdue(now, self.limits) and not connection.transport.is_closing():
            self.closed[f"{connection.waiting.value} not sent"] += 1
            connection.served.refuse(408, REQUEST_TIMEOUT, "The request did not arrive in time")


def _reset(transport: asyncio.Transport) -> None:
    # close() would wait for the client to read, and without the option the kernel would, with its share
    transport.get_extra_info("socket").setsockopt(
        socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
    )
    transport.abort()


def client_of(peer: object) -> str:
    """Who a connection counts for: an address, or the /64 that an IPv6 host has to itself."""
    try:
        address = ip_address(peer[0] if isinstance(peer, tuple) else "")
    except ValueError:
        return ""
    if address.version == 4:
        return str(address)
    mapped = address.ipv4_mapped
    return str(mapped if mapped is not None else ip_network((address, 64), strict=False))
