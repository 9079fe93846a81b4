"""What the headers of a usual request say: whether it may be answered the short way, for whom, and how.

Reading them takes 2 us, and finding those that came before 0.4.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache
from typing import NamedTuple

from starlette.types import Scope

from resolvers.context import Caller
from server import negotiation
from server.access.guard import Rules
from server.graphql import body, media_type
from server.graphql.media_type import JSON, RESPONSE_JSON
from server.request_trace import HEADER

PATH = "/graphql"
TYPES = frozenset(
    {b"application/json", b"application/json; charset=utf-8", b"application/json;charset=utf-8"}
)
UNUSUAL = frozenset({b"content-encoding", b"transfer-encoding", b"expect"})
ID = HEADER.encode()
# a token is checked each time, and a request with an id of its own has headers that never come again
UNKEPT = frozenset({b"authorization", ID})
EXPOSED = ("Retry-After", "X-Request-Id")  # headers that pages of other origins may read
KNOWN = 256  # sets of headers
LONGEST = 2048  # characters of one that is kept


class Head(NamedTuple):
    """media_type: of the answer. request_id: as the caller named it; "" where it did not.

    for_page: headers of the answer that let a page of another origin read it.
    """

    caller: Caller
    media_type: str
    takes_gzip: bool
    request_id: str = ""
    for_page: tuple[tuple[bytes, bytes], ...] = ()

    @property
    def form(self) -> tuple[str, bool]:
        """Of the answer: its media type, and whether it may be gzip."""
        return self.media_type, self.takes_gzip


class Heads:
    """Reads them. pages: origins whose pages may read answers.

    Host, Origin and token are checked for each request, once for those that are equal in every header.
    """

    def __init__(self, rules: Rules, pages: Collection[str]) -> None:
        self._rules = rules
        self._pages = frozenset(pages)
        self._known: dict[tuple[tuple[bytes, bytes], ...], Head] = {}

    @property
    def known(self) -> int:
        """How many sets of headers need not be read again."""
        return len(self._known)

    def of(self, scope: Scope) -> Head | None:
        """None where the general way has to answer."""
        if (
            scope["type"] != "http"
            or scope["path"] != PATH
            or scope["method"] != "POST"
            or scope["query_string"]
        ):
            return None
        written = tuple(scope["headers"])
        head = self._known.get(written)
        if head is None:
            # of a header that comes twice, the first counts
            headers = dict(reversed(written))
            head = self._read(headers)
            if head is not None and UNKEPT.isdisjoint(headers):
                self._keep(written, head)
        return head

    def _read(self, headers: dict[bytes, bytes]) -> Head | None:
        length = headers.get(b"content-length", b"")
        if (
            headers.get(b"content-type") not in TYPES
            or not UNUSUAL.isdisjoint(headers)
            or not length.isdigit()
            or len(length) > 7
            or int(length) > body.LIMITS[body.JSON]
        ):
            return None
        accepted = _accepted(headers.get(b"accept", b""))
        if accepted is None:
            return None
        origin = headers[b"origin"].decode("latin-1") if b"origin" in headers else None
        caller = self._rules.caller(
            headers.get(b"host", b"").decode("latin-1"),
            origin,
            headers.get(b"authorization", b"").decode("latin-1"),
        )
        if caller is None:
            return None
        encodings = headers.get(b"accept-encoding", b"").decode("latin-1")
        request_id = headers.get(ID, b"").decode("latin-1")
        takes_gzip = negotiation.takes_gzip(encodings)
        return Head(caller, accepted, takes_gzip, request_id, self._for_page(origin))

    def _for_page(self, origin: str | None) -> tuple[tuple[bytes, bytes], ...]:
        # as Starlette's CORSMiddleware has them, which answers preflights and everything unusual
        if origin is None or not self._pages:
            return ()
        exposed = (b"access-control-expose-headers", ", ".join(EXPOSED).encode())
        if origin not in self._pages:
            return (exposed,)
        return (exposed, (b"access-control-allow-origin", origin.encode("latin-1")))

    def _keep(self, written: tuple[tuple[bytes, bytes], ...], head: Head) -> None:
        if sum(len(name) + len(value) for name, value in written) > LONGEST:
            return
        if len(self._known) == KNOWN:
            del self._known[next(iter(self._known))]
        self._known[written] = head


@lru_cache(256)
def _usually_accepted(accept: bytes) -> str | None:
    header = accept.decode("latin-1")
    return media_type.of_error(header) if media_type.of_answer(header) in {JSON, RESPONSE_JSON} else None


def _accepted(accept: bytes) -> str | None:
    """The media type of the answer; None where it is not JSON, or the header is long."""
    return _usually_accepted(accept) if len(accept) <= negotiation.USUAL else None
