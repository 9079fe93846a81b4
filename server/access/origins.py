"""The `Host` and `Origin` headers, in one spelling."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

_PORTS = {"http": 80, "https": 443}


def name(host: str) -> str:
    """`LOCALHOST:8000` -> `localhost`, `[::1]:8000` -> `::1`; "" where it is not a host."""
    try:
        parts = urlsplit(f"//{host}")
        _ = parts.port
    except ValueError:
        return ""
    is_bare = not (parts.path or parts.query or parts.fragment or parts.username is not None)
    return (parts.hostname or "").rstrip(".") if is_bare else ""


def origin(text: str) -> str | None:
    """`HTTPS://App.Example:443` -> `https://app.example`; None where it is not an http(s) origin."""
    parts = _split(text)
    if parts is None or parts.port == 0 or parts.path not in {"", "/"} or parts.query or parts.fragment:
        return None
    host = f"[{parts.hostname}]" if ":" in str(parts.hostname) else parts.hostname
    port = "" if parts.port in {None, _PORTS[parts.scheme]} else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}"


def is_same(found: str, host: str) -> bool:
    """Whether an origin is that of a request to `host`, over http or https."""
    scheme = found.partition("://")[0]
    return found == origin(f"{scheme}://{host}")


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach it."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def is_address(host: str) -> bool:
    """Whether it is an IP address, which DNS cannot point elsewhere."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def shown(host: str, port: int) -> str:
    """The origin by which this machine reaches a listening address."""
    reachable = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    return f"http://[{reachable}]:{port}" if ":" in reachable else f"http://{reachable}:{port}"


def _split(text: str) -> SplitResult | None:
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        return None
    is_whole = parts.scheme in _PORTS and bool(parts.hostname) and parts.username is None
    return parts if is_whole and text.isprintable() and " " not in text else None
