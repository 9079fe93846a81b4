"""Server-sent events of a source: requests whose answers stay open, on connections of their own.

They take none of the places that `SourceClient` has for calls: a hundred open streams hold up no look-up.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import NamedTuple

import aiohttp
from yarl import URL

from loaders.errors import from_status
from loaders.http import CONNECT_SECONDS, USER_AGENT, broken, malformed, retry_after
from loaders.records import Provider

LARGEST = 1024 * 1024  # bytes of one event, and of one line


class Event(NamedTuple):
    """name: "message" where the source gives none. data: its lines, joined."""

    name: str
    data: str


class EventStreams:
    """A source's."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider
        self._session: aiohttp.ClientSession | None = None

    @asynccontextmanager
    async def open(
        self, url: str, headers: Mapping[str, str], quiet: float
    ) -> AsyncIterator[AsyncIterator[Event]]:
        """The events of one address, until the source ends them. Raises SourceError, also while it is read.

        quiet: seconds that it may say nothing at all. A redirect is not followed, and whatever is no event
        stream is Malformed.
        """
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, ttl_dns_cache=300),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": USER_AGENT, "Accept": "text/event-stream"},
                read_bufsize=LARGEST // 2,
            )
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS, sock_read=quiet)
        try:
            async with self._session.get(
                URL(url, encoded=True), headers=headers, allow_redirects=False, timeout=timeout
            ) as response:
                error = from_status(
                    response.status, provider=self._provider, retry_after=retry_after(response.headers)
                )
                if error is not None:
                    raise error
                if response.status != 200 or response.content_type != "text/event-stream":
                    raise malformed(self._provider, "something other than events")
                yield events(response.content)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise broken(error, self._provider) from None

    async def close(self) -> None:
        """Close what is open."""
        if self._session is not None:
            await self._session.close()
            self._session = None


async def events(chunks: aiohttp.StreamReader) -> AsyncIterator[Event]:
    r"""What the lines say, by the rules of the specification: `data:a\ndata: b\n\n` is the data "a\nb".

    Lines end with LF, CRLF or CR. Raises ValueError for an event that is too large.
    """
    name, size = "", 0
    data: list[str] = []
    async for line in _lines(chunks):
        size += len(line)
        if size > LARGEST:
            raise ValueError("an event that is too large")
        if not line:
            if data:
                yield Event(name or "message", "\n".join(data))
            name, data, size = "", [], 0
            continue
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "event":
            name = value
        elif field == "data":
            data.append(value)


async def _lines(chunks: aiohttp.StreamReader) -> AsyncIterator[str]:
    rest = b""
    async for chunk in chunks.iter_any():
        rest += chunk
        if len(rest) > LARGEST:
            raise ValueError("a line that is too long")
        # a CR at the end may be the first half of a CRLF
        held = b"\r" if rest.endswith(b"\r") else b""
        text = rest.removesuffix(held) if held else rest
        *whole, rest = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        rest += held
        for line in whole:
            yield line.decode("utf-8", "replace").removeprefix("\ufeff")
