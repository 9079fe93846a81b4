"""Parsers for the text of settings. Each raises ValueError where the text is wrong."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import BeforeValidator

from server.access import origins
from server.access.tokens import Token

_FLAGS = {
    "1": True,
    "true": True,
    "yes": True,
    "0": False,
    "false": False,
    "no": False,
}


def host(text: str) -> str:
    """A host name or address, without scheme and port; `[::1]` becomes `::1`."""
    found = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    if not origins.is_address(found) and not re.fullmatch(r"[\w.-]+", found):
        raise ValueError
    return found


def origin(text: str) -> str:
    """Scheme, host and port, in one spelling."""
    found = origins.origin(text)
    if found is None:
        raise ValueError
    return found


def socket_url(text: str) -> str:
    """A ws:// or wss:// URL, with its path."""
    parts = urlsplit(text)
    port = parts.port  # raises where it is not a number, or too large
    if parts.scheme not in {"ws", "wss"} or not parts.hostname or port == 0 or parts.username is not None:
        raise ValueError
    return text


def key(text: str) -> str:
    """Printable ASCII, as headers carry it: a pasted quote or line break fails here, not in a request."""
    if not re.fullmatch(r"[!-~]+", text):
        raise ValueError
    return text


def secret(text: str) -> str:
    """What can stand in a path as it is, and is not guessed."""
    if not re.fullmatch(r"[\w-]{16,256}", text, re.ASCII):
        raise ValueError
    return text


def flag(text: str) -> bool:
    """1 or 0, and the words that people write for them."""
    if text.lower() not in _FLAGS:
        raise ValueError
    return _FLAGS[text.lower()]


def file(text: str) -> Path:
    """A path that may begin with ~."""
    found = Path(text).expanduser()
    if "\0" in text or found.is_dir():
        raise ValueError
    return found


def origin_list(text: str) -> tuple[str, ...]:
    """Origins, separated by spaces or commas."""
    return tuple(map(origin, _words(text)))


def tokens(text: str) -> tuple[Token, ...]:
    """Tokens, separated by spaces or commas; each has a name of its own."""
    found = tuple(map(Token.parse, _words(text)))
    if len({token.name for token in found}) < len(found):
        raise ValueError
    return found


def _words(text: str) -> list[str]:
    return re.split(r"[\s,]+", text.strip(" \t\r\n,"))


class Checked(BeforeValidator):
    """Makes pydantic use one of these parsers; a value that is not text is left as it is."""

    def __init__(self, read: Callable[[str], object]) -> None:
        def before(value: object) -> object:
            return read(value.strip()) if isinstance(value, str) else value

        super().__init__(before)
