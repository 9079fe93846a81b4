"""Raw connections to the server, byte by byte."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from tests.conftest import Client

POST = "POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"


GET = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"


BRIEF = {"header_seconds": 0.2, "body_seconds": 0.2}


@dataclass
class Wire:
    """A connection without a client's manners."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    def send(self, text: str | bytes) -> None:
        self.writer.write(text if isinstance(text, bytes) else text.encode())

    async def rest(self) -> bytes:
        """Everything until the server hangs up."""
        try:
            return await self.reader.read()
        except ConnectionResetError:
            return b""

    async def answer(self) -> tuple[int, Any]:
        """The next one: its status, and its body as JSON."""
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode()
        length = next(
            line.partition(": ")[2] for line in head.lower().splitlines() if line.startswith("content-len")
        )
        return int(head.split()[1]), json.loads(await self.reader.readexactly(int(length)))


@asynccontextmanager
async def wire(graph: Client) -> AsyncIterator[Wire]:
    """An open one."""
    host, _, port = graph.origin.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        yield Wire(reader, writer)
    finally:
        writer.close()


def error(code: str, message: str) -> dict[str, Any]:
    """The whole body."""
    return {"errors": [{"message": message, "extensions": {"code": code}}]}


LATE = (408, error("REQUEST_TIMEOUT", "The request did not arrive in time"))


HALVES = [
    "GET /healthz HTTP/1.1\r\nHost: local",
    POST,
    POST + "Content-Length: 50\r\n\r\n",
    POST + 'Content-Length: 50\r\n\r\n{"query": "{ __type',
    POST + "Transfer-Encoding: chunked\r\n\r\n5\r\n{\r\n",
    POST + "Content-Length: 50\r\nExpect: 100-continue\r\n\r\n",
    "\r\n",
]


def address(graph: Client) -> tuple[str, int]:
    host, _, port = graph.origin.removeprefix("http://").partition(":")
    return host, int(port)


async def all_of(reader: asyncio.StreamReader) -> None:
    while await reader.read(65536):
        pass
