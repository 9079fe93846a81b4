"""What the headers of a usual request say: whether it may be answered the short way, for whom, and how.

Reading them takes 2 us, and finding those that came before 0.4.
"""

from __future__ import annotations

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
KNOWN = 256  # sets of headers
LONGEST = 2048  # characters of one that is kept


class Head(NamedTuple):
    """media_type: of the answer. request_id: as the caller named it; "" where it did not."""

    caller: Caller
    media_type: str
    takes_gzip: bool
    request_id: str = ""


class Heads:
    """Reads them. has_cors: requests with an Origin get more headers, and take the general way.

    Host, Origin and token are checked for each request, once for those that are equal in every header.
    """

    def __init__(self, rules: Rules, *, has_cors: bool) -> None:
        self._rules = rules
        self._unusual = UNUSUAL | {b"origin"} if has_cors else UNUSUAL
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
            or not self._unusual.isdisjoint(headers)
            or not length.isdigit()
            or len(length) > 7
            or int(length) > body.LIMITS[body.JSON]
        ):
            return None
        accepted = _accepted(headers.get(b"accept", b""))
        if accepted is None:
            return None
        caller = self._rules.caller(
            headers.get(b"host", b"").decode("latin-1"),
            headers[b"origin"].decode("latin-1") if b"origin" in headers else None,
            headers.get(b"authorization", b"").decode("latin-1"),
        )
        if caller is None:
            return None
        encodings = headers.get(b"accept-encoding", b"").decode("latin-1")
        request_id = headers.get(ID, b"").decode("latin-1")
        return Head(caller, accepted, negotiation.takes_gzip(encodings), request_id)

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
