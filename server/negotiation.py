"""What a client accepts, by the weights of its `Accept` and `Accept-Encoding` headers (RFC 9110, 12.5)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

USUAL = 256  # characters; longer headers are read each time, and keep nothing in memory
_WEIGHT = re.compile(r"(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)")


def media_type(accept: str, offers: tuple[str, ...]) -> str | None:
    """The offer that the client prefers; None where it accepts none of them.

    Of equal weights the one that the client names first wins, then that which is offered first. No header
    at all accepts everything. Parameters other than `q` are not looked at.
    """
    return (_chosen_again if len(accept) <= USUAL else _chosen)(accept, offers)


def takes_gzip(accept_encoding: str) -> bool:
    """Whether gzip is accepted, and no less than an answer as it is."""
    return (_gzips_again if len(accept_encoding) <= USUAL else _gzips)(accept_encoding)


def _chosen(accept: str, offers: tuple[str, ...]) -> str | None:
    accepted = _weights(accept) or [("*/*", 1.0)]
    best: tuple[float, int, int] | None = None
    chosen = None
    for index, offer in enumerate(offers):
        weight, place = _weight_of(offer, accepted)
        rank = (weight, -place, -index)
        if weight > 0 and (best is None or rank > best):
            best, chosen = rank, offer
    return chosen


def _gzips(accept_encoding: str) -> bool:
    weights = dict(_weights(accept_encoding))
    gzip = weights.get("gzip", weights.get("x-gzip", weights.get("*", 0.0)))
    return gzip > 0 and gzip >= weights.get("identity", 0.0)


def _weight_of(offer: str, accepted: Sequence[tuple[str, float]]) -> tuple[float, int]:
    """The weight of the most specific range that fits, and that range's place in the header."""
    for wanted in (offer, f"{offer.partition('/')[0]}/*", "*/*"):
        for place, (name, weight) in enumerate(accepted):
            if name == wanted:
                return weight, place
    return 0.0, len(accepted)


def _weights(header: str) -> list[tuple[str, float]]:
    """`text/html;level=1;q=0.5, */*` -> text/html 0.5, */* 1; what has no readable weight is left out."""
    found = []
    for item in header.lower().split(","):
        name, *parameters = (part.strip() for part in item.split(";"))
        weight = next((text[2:].strip() for text in parameters if text.startswith("q=")), "1")
        if name and _WEIGHT.fullmatch(weight):
            found.append((name, float(weight)))
    return found


# most clients send one of a few headers, again and again: 0.1 us instead of 5
_chosen_again = lru_cache(256)(_chosen)
_gzips_again = lru_cache(256)(_gzips)
