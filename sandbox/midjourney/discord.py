"""URLs signed as Discord's file server signs them: hexadecimal times, valid one day."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping

LIFETIME = 86_400  # seconds
SECRET = b"sandbox-discord-files"


def query(path: str, now: float) -> str:
    """`ex=6728831f&is=6727319f&hm=…&`, with the ampersand that Discord leaves behind. now: epoch seconds."""
    issued, expires = f"{int(now):x}", f"{int(now) + LIFETIME:x}"
    return f"ex={expires}&is={issued}&hm={_signature(path, expires, issued)}&"


def valid(path: str, given: Mapping[str, str], now: float) -> bool:
    """Whether the signature fits the path and the times, and has not expired."""
    expires, issued = given.get("ex", ""), given.get("is", "")
    expected = _signature(path, expires, issued)
    if not hmac.compare_digest(expected.encode(), given.get("hm", "").encode()):
        return False
    return now < int(expires, 16)


def _signature(path: str, expires: str, issued: str) -> str:
    return hmac.new(SECRET, f"{path}\n{expires}\n{issued}".encode(), hashlib.sha256).hexdigest()
