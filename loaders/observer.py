"""Is notified of each call to a source: a logger, meter or tracer overrides the methods that it needs.

No method here receives a key, a URL, a prompt or a body. The methods run on the event loop, in the midst of
things: they return at once and never raise.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from loaders.errors import SourceError
from loaders.records import Provider


class BreakerState(StrEnum):
    """CLOSED lets every call through, OPEN none, HALF_OPEN one at a time."""

    CLOSED = "CLOSED"
    OPEN = "OPEN"
    HALF_OPEN = "HALF_OPEN"


@dataclass(frozen=True, slots=True)
class Call:
    """One HTTP request. route: its template, the same for every id: `GET /openapi/v1/image-to-image/:id`."""

    provider: Provider
    route: str


class Observer:
    """Ignores every event. Override what is of interest."""

    def of_server(self, _name: str, /) -> Observer:
        """Who hears of one server; Midjourney has two. name: "midjourney-proxy". By default this observer."""
        return self

    def call_started(self, call: Call) -> None:
        """A request is about to be sent."""

    def call_ended(
        self, call: Call, *, seconds: float, status: int | None, error: SourceError | None
    ) -> None:
        """It was answered, failed, or was cancelled.

        status: None where no answer came. error: what the answer or its absence stands for; None for 2xx, 3xx
        and where the call was cancelled.
        """

    def read_ended(self, provider: Provider, error: SourceError | None) -> None:
        """One try of a read: it was answered with what was agreed, or failed.

        It knows what `call_ended` does not: a time-out, and an answer that cannot be read. Nothing is said of
        a read that was cancelled, nor of a document that the source refuses for one of its keys.
        """

    def call_retried(self, provider: Provider, error: SourceError, pause: float) -> None:
        """A read failed and is tried again in so many seconds."""

    def fetch_shared(self, provider: Provider, keys: int) -> None:
        """So many keys were being fetched for somebody else already."""

    def cache_hit(self, provider: Provider, keys: int) -> None:
        """So many keys were answered from memory."""

    def breaker_moved(self, provider: Provider, state: BreakerState, error: SourceError | None) -> None:
        """A breaker opened, lets one call try, or closed. error: the last one; None where it closed."""


SILENT = Observer()
