"""The place in the merged list where a page ended, as opaque text.

    position  createdAt in microseconds since 1970 (None: unset, they come last) and the id of the last row
    hints     provider -> where its own list is resumed (PixAI's page cursor, Meshy's page number)
    total     what the first page counted

Versioned and checked: a text that this server did not make is BAD_USER_INPUT. A check, no secret: whoever
forges one can only see the list from another place.
"""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import TypeAlias

import orjson

from loaders.errors import BadInput
from loaders.records import Provider, TaskRecord

_VERSION = 1
_CHECK = 8  # bytes
_LONGEST = 4_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# sorts newest first, then by id, unset times last
Position: TypeAlias = tuple[bool, int, str]
TOP: Position = (False, -(2**62), "")


def position(row: TaskRecord) -> Position:
    """Where a row stands in the total order: the smaller, the earlier in the list."""
    if row.created_at is None:
        return True, 0, row.id
    return False, -((row.created_at - _EPOCH) // timedelta(microseconds=1)), row.id


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place between two rows: after `position`."""

    position: Position
    hints: Mapping[Provider, str] = field(default_factory=dict)
    total: int | None = None

    @property
    def is_unset(self) -> bool:
        """Whether the place is among the rows without a time."""
        return self.position[0]

    @property
    def moment(self) -> datetime | None:
        """Rows created later are above this place; None at the top, and among the rows without a time."""
        unset, negative, _ = self.position
        return None if unset or self.position == TOP else _EPOCH + timedelta(microseconds=-negative)


def encode(cursor: Cursor) -> str:
    """The cursor as clients carry it."""
    unset, negative, id_ = cursor.position
    hints = {provider.value: hint for provider, hint in cursor.hints.items()}
    body = orjson.dumps([_VERSION, None if unset else -negative, id_, hints, cursor.total])
    return urlsafe_b64encode(_check(body) + body).rstrip(b"=").decode()


def decode(text: str) -> Cursor:
    """The cursor back. Raises BadInput."""
    wrong = BadInput("after is no cursor of this list: take one from pageInfo.endCursor or edges.cursor")
    try:
        data = urlsafe_b64decode(text.encode() + b"=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        raise wrong from None
    check, body = data[:_CHECK], data[_CHECK:]
    if len(text) > _LONGEST or check != _check(body):
        raise wrong
    version, microseconds, id_, hints, total = orjson.loads(body)
    if version != _VERSION:
        raise BadInput("after is a cursor of another version of this list: start it again")
    place = (True, 0, id_) if microseconds is None else (False, -microseconds, id_)
    return Cursor(place, {Provider(name): hint for name, hint in hints.items()}, total)


def _check(body: bytes) -> bytes:
    return blake2b(body, digest_size=_CHECK, person=b"triptych.cursor").digest()
