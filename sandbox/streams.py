"""Answers that stay open (SSE, WebSocket): counted, and cut where a fault or a test says so."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager

from aiohttp import web

CUT_AFTER = web.RequestKey("cut after", int)


def reset(request: web.Request) -> None:
    """Close the connection so that the client sees "connection reset by peer"."""
    transport = request.transport
    if transport is not None:
        # Linger 0 makes the close an RST.
        linger = struct.pack("ii", 1, 0)
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        transport.abort()


class Stream:
    """One of them."""

    def __init__(self, request: web.Request) -> None:
        self.request = request
        self._left = request.get(CUT_AFTER)

    def may_send(self) -> bool:
        """Before each message. False: this is where the fault cut the connection."""
        if self._left is None:
            return True
        if self._left <= 0:
            reset(self.request)
            return False
        self._left -= 1
        return True


class Streams:
    """An upstream's open streams. opened: how many there have been."""

    def __init__(self) -> None:
        self.opened = 0
        self._open: set[Stream] = set()

    def __len__(self) -> int:
        return len(self._open)

    @contextmanager
    def open(self, request: web.Request) -> Iterator[Stream]:
        """Counted while the block lasts."""
        stream = Stream(request)
        self.opened += 1
        self._open.add(stream)
        try:
            yield stream
        finally:
            self._open.discard(stream)

    def cut(self) -> None:
        """Reset the connections of all that are open."""
        for stream in list(self._open):
            reset(stream.request)
