"""`python -m benchmarks.stub PORT`: HTTP/1.1 by hand, one process, until it is told to stop.

aiohttp needs 60 µs a request, which would be the limit of what is measured; this needs a few.
"""

from __future__ import annotations

import asyncio
import re
import sys
from contextlib import suppress
from typing import cast

import uvloop

from benchmarks.stub.upstreams import CONTROL, Upstreams

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_REASONS = {200: b"OK", 400: b"Bad Request", 404: b"Not Found", 501: b"Not Implemented"}


class Connection(asyncio.Protocol):
    """One connection that is kept. A client waits for its answer before it asks again."""

    def __init__(self, upstreams: Upstreams) -> None:
        self._upstreams = upstreams
        self._loop = asyncio.get_running_loop()
        self._received = bytearray()
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is no subclass of it

    def data_received(self, data: bytes) -> None:
        """Answer every whole request."""
        self._received += data
        while (head := self._received.find(b"\r\n\r\n")) >= 0:
            length = _LENGTH.search(self._received, 0, head)
            end = head + 4 + (int(length[1]) if length else 0)
            if len(self._received) < end:
                return
            request, body = bytes(self._received[:head]), bytes(self._received[head + 4 : end])
            del self._received[:end]
            self._answer(request, body)

    def _answer(self, head: bytes, body: bytes) -> None:
        method, path, _ = head[: head.index(b"\r\n")].decode().split(" ", 2)
        if b"transfer-encoding" in head.lower():
            status, text = 501, b'{"message":"the stub reads no chunked bodies"}'
        else:
            status, text = self._upstreams.answer(method, path, body)
        written = b"HTTP/1.1 %d %b\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b" % (
            status,
            _REASONS[status],
            len(text),
            text,
        )
        if self._upstreams.latency and not path.startswith(CONTROL):
            self._loop.call_later(self._upstreams.latency, self._send, written)
        else:
            self._transport.write(written)

    def _send(self, written: bytes) -> None:
        if not self._transport.is_closing():
            self._transport.write(written)


async def serve(port: int) -> None:
    """Until it is cancelled."""
    upstreams = Upstreams()
    server = await asyncio.get_running_loop().create_server(lambda: Connection(upstreams), "127.0.0.1", port)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    with suppress(KeyboardInterrupt), asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(int(sys.argv[1])))
