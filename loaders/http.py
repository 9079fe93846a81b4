"""One aiohttp session per source: a request goes out; a bounded answer or one of our errors comes back."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any, ClassVar
from urllib.parse import quote

import aiohttp
import orjson
from yarl import URL

from loaders import coerce, exact_json
from loaders.errors import Malformed, NoConnection, SourceError, Unreachable, from_status
from loaders.observer import SILENT, Call, Observer
from loaders.records import Provider

CONNECTIONS = 64
CONNECT_SECONDS = 10.0
# The largest honest answer, a page of 100 tasks with their parameters, has 0.6 MB and 20,000 values. Parsing
# holds the event loop: 8 MiB of [[],[],[]… did for 1.4 s; with both bounds, the worst takes 0.1 s.
LARGEST_ANSWER = 8 * 2**20  # bytes, before and after decompression
MOST_VALUES = 200_000
USER_AGENT = "Triptych/0.1"
_SENT_AGAIN = frozenset({"PUT", "DELETE"})  # by aiohttp, which takes them for harmless; a POST never is


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer. body: decompressed. location: where a redirect leads; it is never followed here.

    error: what the status stands for; a redirect is Malformed, 2xx is None.
    """

    provider: Provider
    status: int
    body: bytes = field(repr=False)
    location: str | None = field(default=None, repr=False)
    error: SourceError | None = None

    def checked(self) -> Answer:
        """The answer itself. Raises its error."""
        if self.error is not None:
            raise self.error
        return self

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to parse."""
        return not self.body.strip()

    def json(self) -> Any:
        """The body parsed. Raises Malformed."""
        try:
            return self._parsed()
        except ValueError:
            raise malformed(self.provider, "an answer that is not JSON") from None

    def fields(self) -> Mapping[str, Any]:
        """The body's fields; none where it is text, a page or nothing, as errors often are."""
        try:
            return coerce.mapping(self._parsed())
        except (ValueError, Malformed):
            return {}

    def _parsed(self) -> Any:
        # each value takes a byte at least, so that most answers need no counting
        if len(self.body) > MOST_VALUES and sum(map(self.body.count, (b",", b"[", b"{"))) > MOST_VALUES:
            raise malformed(self.provider, "an answer that is too large")
        return exact_json.loads(self.body)


class SourceClient:
    """A client for one server over HTTP. `open` makes its connection pool, `close` ends it.

    origin: "https://api.meshy.ai". name: for observers, where a provider has several
    servers. calls: HTTP requests made so far, retries included.
    """

    provider: ClassVar[Provider]
    name: ClassVar[str] = ""

    def __init__(self, origin: str, observer: Observer = SILENT) -> None:
        self.origin = origin
        self.observer = observer.of_server(self.name or self.provider.value.lower())
        self.calls = 0
        self._session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        """Make the connection pool; no call is made."""
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=CONNECTIONS, keepalive_timeout=55, ttl_dns_cache=300),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": USER_AGENT},
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS),
        )

    async def close(self) -> None:
        """Close the pool."""
        if self._session is not None:
            await self._session.close()

    async def request(
        self,
        route: str,
        url: URL | str,
        *,
        headers: Mapping[str, str],
        query: Mapping[str, str | int] | None = None,
        json: object = None,
    ) -> Answer:
        """Send once, read to the end. The deadline is the caller's. Raises Unreachable, Malformed.

        route: "GET /openapi/v1/image-to-image/:id": its method is the request's, all of it the observer's.
        url: absolute; a string is a path of this origin, percent-encoded already. json: the body, if any.
        """
        if isinstance(url, str):
            url = URL(self.origin + url, encoded=True)
        if json is None:
            return await self._send(route, url, headers, None, query)
        sent = {**headers, "Content-Type": "application/json"}
        return await self._send(route, url, sent, orjson.dumps(json), query)

    async def send_file(
        self, route: str, url: URL, *, headers: Mapping[str, str], size: int, content: AsyncIterator[bytes]
    ) -> Answer:
        """A body in pieces, sent with its length: S3 takes no chunked ones. Otherwise as `request`."""
        return await self._send(route, url, {**headers, "Content-Length": str(size)}, content)

    async def _send(
        self,
        route: str,
        url: URL,
        headers: Mapping[str, str],
        body: bytes | AsyncIterator[bytes] | None,
        query: Mapping[str, str | int] | None = None,
    ) -> Answer:
        assert self._session is not None, "open() first"
        method = route.partition(" ")[0]
        call = Call(self.provider, route)
        status: int | None = None
        error: SourceError | None = None
        self.calls += 1
        started = time.perf_counter()
        self.observer.call_started(call)
        try:
            async with self._session.request(
                method,
                url,
                params=query,
                headers=headers,
                data=body,
                allow_redirects=False,
                middlewares=(_Once(),) if method in _SENT_AGAIN else (),
            ) as response:
                status = response.status
                answer = await self._read(response)
                error = answer.error
                return answer
        except (aiohttp.ClientError, OSError, ValueError, SourceError) as failure:
            error = broken(failure, self.provider)
            raise error from None
        finally:
            seconds = time.perf_counter() - started
            self.observer.call_ended(call, seconds=seconds, status=status, error=error)

    async def _read(self, response: aiohttp.ClientResponse) -> Answer:
        status, headers = response.status, response.headers
        if 300 <= status < 400:
            moved = malformed(self.provider, "a redirect")
            return Answer(self.provider, status, b"", headers.get("Location"), moved)
        error = from_status(status, provider=self.provider, retry_after=retry_after(headers))
        return Answer(self.provider, status, await self._bounded(response), error=error)

    async def _bounded(self, response: aiohttp.ClientResponse) -> bytes:
        # aiohttp decompresses piece by piece and stops reading while nobody takes the pieces: 1 GB of zeros
        # in 1 MB of gzip ends here after LARGEST_ANSWER, too
        pieces: list[bytes] = []
        size = response.content_length or 0
        async for piece in response.content.iter_any():
            pieces.append(piece)
            size = max(response.content.total_bytes, response.content.total_raw_bytes)
            if size > LARGEST_ANSWER:
                break
        if size > LARGEST_ANSWER:
            response.close()
            pieces.clear()  # the error's traceback keeps this frame, and 8 MiB with it
            raise malformed(self.provider, "an answer that is too large")
        return b"".join(pieces)


class _Once:
    """Keeps aiohttp from sending a PUT or a DELETE again by itself when the connection breaks."""

    def __init__(self) -> None:
        self._is_sent = False

    async def __call__(
        self, request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
    ) -> aiohttp.ClientResponse:
        if self._is_sent:
            raise aiohttp.ServerDisconnectedError
        self._is_sent = True
        return await handler(request)


def path_segment(id: str) -> str | None:
    """The id as one segment of a path; None for one that no path can carry, so that nothing has it.

    "a/b" -> "a%2Fb". Servers and proxies resolve `.` and `..` even where they are encoded, so that
    `../balance` would be another resource.
    """
    if any(part in {"", ".", ".."} for part in id.replace("\\", "/").split("/")):
        return None
    return quote(id, safe="") if coerce.is_text(id) else None


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait, from Retry-After in either form; None where it is absent or unreadable."""
    value = headers.get("Retry-After", "").strip()
    if value.isascii() and value.isdecimal():
        return float(value[:9])
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time()) if value else None
    except (OverflowError, ValueError):
        return None


def malformed(provider: Provider, what: str) -> Malformed:
    """An answer that is not what was agreed. what: it was instead ("a redirect")."""
    return Malformed(f"{provider.label} sent {what}", provider=provider)


def broken(error: BaseException, provider: Provider) -> SourceError:
    """What aiohttp's failure stands for: cut short is Malformed, everything before the answer Unreachable."""
    if isinstance(error, SourceError):
        return error
    if isinstance(error, aiohttp.ClientPayloadError | aiohttp.ClientResponseError | ValueError):
        return malformed(provider, "an answer that cannot be read")
    if isinstance(error, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError):
        return NoConnection(f"{provider.label} cannot be reached", provider=provider)
    return Unreachable(f"The connection to {provider.label} broke", provider=provider)
