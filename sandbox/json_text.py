"""JSON with integers of any length, out and in."""

from __future__ import annotations

import json
from collections.abc import Mapping

import jiter
import orjson
from aiohttp import web


def dumps(value: object) -> bytes:
    """JSON text. Integers beyond 64 bits, which orjson refuses, stay exact too."""
    try:
        return orjson.dumps(value)
    except TypeError:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def loads(text: bytes) -> object:
    """The value, with integers of any length exact. Raises ValueError for invalid JSON."""
    value: object = jiter.from_json(text)
    return value


def json_response(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    """An answer with a JSON body."""
    return web.Response(body=dumps(value), status=status, headers=headers, content_type="application/json")
