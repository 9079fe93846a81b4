"""Whose key it is, and for what: digests, so that a state file holds neither keys nor prompts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from hashlib import sha256

from loaders.errors import BadInput

LONGEST = 255  # characters


def checked(key: str | None) -> str | None:
    """The key itself; None: none was given. Raises BadInput."""
    if key is not None and not (0 < len(key) <= LONGEST and key.isprintable()):
        raise BadInput(f"Invalid `idempotencyKey`: expected 1 to {LONGEST} printable characters")
    return key


def scope(caller: str, fingerprint: str, key: str) -> str:
    """Of one caller (the name of a token) with one credential."""
    return _digest([caller, fingerprint, key])


def input_digest(field: str, arguments: Mapping[str, object]) -> str:
    """Of a field's name and its arguments, without the idempotency key. Absent is the same as null."""
    return _digest([field, arguments])


def _digest(value: object) -> str:
    # json, not orjson: integers may have any length
    written = json.dumps(value, sort_keys=True, separators=(",", ":"), default=_plain)
    return sha256(written.encode()).hexdigest()


def _plain(value: object) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        return {"": type(value).__name__, **asdict(value)}
    raise TypeError(f"a {type(value).__name__} is no argument")
