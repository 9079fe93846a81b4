"""Which media type a client of `/graphql` gets its answer in."""

from __future__ import annotations

from collections.abc import Mapping

from server.negotiation import media_type

JSON = "application/json"
RESPONSE_JSON = "application/graphql-response+json"
EVENTS = "text/event-stream"
PARTS = "multipart/mixed"
HTML = "text/html"


def of_answer(accept: str) -> str | None:
    """JSON of either kind, or events where the client prefers them; None where it takes none of these.

    urql names events among others, after JSON: it gets JSON.
    """
    return media_type(accept, (JSON, RESPONSE_JSON, EVENTS))


def of_error(accept: str) -> str:
    """Errors of the request are JSON, whatever the client takes."""
    return media_type(accept, (JSON, RESPONSE_JSON)) or JSON


def takes_events(accept: str) -> bool:
    """Whether a subscription can be answered: events are named, however little they are liked."""
    return media_type(accept, (EVENTS,)) is not None and EVENTS in accept.lower()


def takes_parts(accept: str) -> bool:
    """Whether a subscription can be answered in parts: `multipart/mixed` with `subscriptionSpec=1.0`."""
    kinds = (item.replace(" ", "").replace('"', "").lower().split(";") for item in accept.split(","))
    return any(kind[0] == PARTS and "subscriptionspec=1.0" in kind[1:] for kind in kinds)


def is_browser(headers: Mapping[str, str]) -> bool:
    """Whether a page is what the client likes best."""
    accept = headers.get("accept", "")
    return HTML in accept.lower() and media_type(accept, (HTML, JSON, RESPONSE_JSON)) == HTML
