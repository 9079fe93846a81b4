"""One request and its whole answer, for both of Midjourney's servers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from yarl import URL

from loaders import coerce, exact_json, http
from loaders.errors import Malformed, SourceError
from loaders.records import Provider

_MOVED = frozenset({301, 302, 307, 308})


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. body: as sent. error: what the status stands for; None for 2xx."""

    status: int
    body: bytes = field(repr=False)
    error: SourceError | None = None

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to parse; midjourney-proxy answers an unknown id so."""
        return not self.body.strip()

    def json(self) -> Any:
        """The body parsed. Raises Malformed."""
        try:
            return exact_json.loads(self.body)
        except ValueError:
            raise malformed("an answer that is not JSON") from None

    def fields(self) -> Mapping[str, Any]:
        """The body's fields; none where it is text, a page or nothing, as errors often are."""
        try:
            return coerce.mapping(exact_json.loads(self.body))
        except ValueError:
            return {}


async def ask(
    session: aiohttp.ClientSession,
    method: str,
    url: URL,
    headers: Mapping[str, str],
    json: object = None,
) -> Answer:
    """Send, read to the end. Raises Unreachable, Malformed.

    A redirect would take the key along, so that none is followed but the one that adds or drops the
    last slash on the same server: gin sends it.
    """
    try:
        found = await _once(session, method, url, headers, json)
        if isinstance(found, URL):
            found = await _once(session, method, found, headers, json)
    except (aiohttp.ClientError, OSError, ValueError) as error:
        raise http.transport_error(error, Provider.MIDJOURNEY) from None
    if isinstance(found, URL):
        raise malformed("a redirect")
    return found


async def _once(
    session: aiohttp.ClientSession, method: str, url: URL, headers: Mapping[str, str], json: object
) -> Answer | URL:
    async with session.request(method, url, headers=headers, json=json, allow_redirects=False) as response:
        if response.status in _MOVED:
            return _slash_apart(url, response.headers.get("Location", ""))
        if 300 <= response.status < 400:
            raise malformed("a redirect")
        error = http.status_error(response, Provider.MIDJOURNEY)
        return Answer(response.status, await response.read(), error)


def _slash_apart(url: URL, location: str) -> URL:
    moved = url.join(URL(location, encoded=True))
    was, now = url.raw_path, moved.raw_path
    if moved.origin() != url.origin() or was == now or was.rstrip("/") != now.rstrip("/"):
        raise malformed("a redirect")
    return moved if moved.raw_query_string else moved.with_query(url.query)


def malformed(said: str) -> Malformed:
    """An answer that is not what was agreed; said: what it was instead."""
    return Malformed(f"Midjourney sent {said}", provider=Provider.MIDJOURNEY)
