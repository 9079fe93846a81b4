"""One aiohttp session a source, and what its ways of failing mean."""

from __future__ import annotations

import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
import orjson

from loaders.errors import Malformed, SourceError, Unreachable, from_status
from loaders.records import Provider

CONNECTIONS = 64
CONNECT_SECONDS = 10.0
USER_AGENT = "Triptych/0.1"


def session_arguments() -> dict[str, Any]:
    """How every session here is made: its own connections, no cookies, deadlines from the caller."""
    return {
        "connector": aiohttp.TCPConnector(limit=CONNECTIONS, keepalive_timeout=55, ttl_dns_cache=300),
        "cookie_jar": aiohttp.DummyCookieJar(),
        "headers": {"User-Agent": USER_AGENT},
        "json_serialize": to_json,
        "timeout": aiohttp.ClientTimeout(total=None, connect=CONNECT_SECONDS),
    }


def to_json(value: object) -> str:
    """JSON as the sources take it."""
    return orjson.dumps(value).decode()


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait, from Retry-After in either form; None where it is absent or unreadable."""
    value = headers.get("Retry-After", "").strip()
    if value.isascii() and value.isdecimal():
        return float(value[:9])
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time()) if value else None
    except ValueError:
        return None


def status_error(response: aiohttp.ClientResponse, provider: Provider) -> SourceError | None:
    """What the answer's status stands for; None where it may be read on."""
    return from_status(response.status, provider=provider, retry_after=retry_after(response.headers))


def transport_error(error: BaseException, provider: Provider) -> SourceError:
    """What a broken exchange stands for: cut short is Malformed, everything before it Unreachable."""
    if isinstance(error, SourceError):
        return error
    if isinstance(error, aiohttp.ClientPayloadError | ValueError):
        return Malformed(f"{provider.label} sent an answer that cannot be read", provider=provider)
    if isinstance(error, aiohttp.ClientConnectorError):
        return Unreachable(f"{provider.label} cannot be reached", provider=provider)
    return Unreachable(f"the connection to {provider.label} broke", provider=provider)
