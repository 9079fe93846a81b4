"""JSON in, with integers of any length kept exact (18-digit ids exceed 2^53)."""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

import jiter

_SURROGATE_ESCAPE = re.compile(rb"\\u[dD][89a-fA-F]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_DEEPEST = 200  # levels of nesting; jiter's own limit


def loads(data: bytes) -> Any:
    """Parse JSON with integers of any length kept exact. Raises ValueError.

    Half of a surrogate pair becomes U+FFFD, the replacement character.
    """
    try:
        return jiter.from_json(data, allow_inf_nan=False, cache_mode="all")
    except ValueError:
        # JavaScript cuts an emoji in two and sends the half, which is legal; jiter refuses it, as orjson
        # would on the way out
        if _SURROGATE_ESCAPE.search(data) is None:
            raise
    try:
        return _mended(json.loads(data.decode(), parse_constant=_refused), _DEEPEST)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _refused(_constant: str) -> NoReturn:
    raise ValueError("NaN and infinities are not JSON")


def _mended(value: Any, depth: int) -> Any:
    if isinstance(value, str):
        return _SURROGATE.sub("\ufffd", value)
    if not isinstance(value, dict | list):
        return value
    if depth == 0:
        raise ValueError("nested too deeply")
    if isinstance(value, list):
        return [_mended(item, depth - 1) for item in value]
    return {_mended(key, 0): _mended(item, depth - 1) for key, item in value.items()}
