"""The place in the merged list where a page ended, as opaque text.

    position  of the last row that was looked at: createdAt in microseconds since 1970 (null: unset, they
              come last) and the id
    behind    provider -> its own, older position, while a failure has left it behind the others
    hints     provider -> where its own list is resumed (PixAI's page cursor, Meshy's page number)
    total     what the first page counted

Versioned and checked: a text that this server did not make is BAD_USER_INPUT. A check, no secret: whoever
forges one can only see the list from another place.
"""

from __future__ import annotations

import binascii
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import NamedTuple

import orjson

from loaders.errors import BadInput
from loaders.records import Provider, TaskRecord

_VERSION = 2
_CHECK = 8  # bytes
_LONGEST_TEXT = 200  # characters of an id or a hint; the longest real ones have about 60
_LONGEST = 12_000  # characters of a cursor: four ids and three hints of 200, each character escaped
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_TIMES = range(
    (datetime.min.replace(tzinfo=UTC) - _EPOCH) // _MICROSECOND,
    (datetime.max.replace(tzinfo=UTC) - _EPOCH) // _MICROSECOND + 1,
)


class Position(NamedTuple):
    """Where a row stands in the total order: the smaller, the earlier in the list.

    Newest first, then by id, unset times last. age: microseconds since 1970, negated; 0 where unset.
    """

    is_unset: bool
    age: int
    id: str

    @property
    def moment(self) -> datetime | None:
        """Rows created later are above this place; None at the top, and among the rows without a time."""
        return None if self.is_unset or self == TOP else _EPOCH - self.age * _MICROSECOND


TOP = Position(False, -(2**62), "")


def position(row: TaskRecord) -> Position:
    """Where a row stands."""
    id_ = row.id if len(row.id) <= _LONGEST_TEXT else _shortened(row.id)
    if row.created_at is None:
        return Position(True, 0, id_)
    return Position(False, -((row.created_at - _EPOCH) // _MICROSECOND), id_)


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in each source's list. Without arguments, the top of all."""

    position: Position = TOP
    behind: dict[Provider, Position] = field(default_factory=dict)
    hints: dict[Provider, str] = field(default_factory=dict)
    total: int | None = None

    def of(self, provider: Provider) -> Position:
        """Up to where a source's rows have been looked at."""
        return self.behind.get(provider, self.position)

    def without(self, providers: Iterable[Provider]) -> Cursor:
        """What it says of the other sources, which a list with another filter leaves out."""
        gone = frozenset(providers)
        return Cursor(
            self.position,
            {provider: place for provider, place in self.behind.items() if provider not in gone},
            {provider: hint for provider, hint in self.hints.items() if provider not in gone},
        )


def encode(cursor: Cursor) -> str:
    """The cursor as clients carry it. A hint too long to carry is left out: its walk starts at the front."""
    hints = {name.value: hint for name, hint in cursor.hints.items() if len(hint) <= _LONGEST_TEXT}
    behind = {name.value: _written(place) for name, place in cursor.behind.items()}
    body = orjson.dumps([_VERSION, _written(cursor.position), behind, hints, cursor.total])
    return urlsafe_b64encode(_check(body) + body).rstrip(b"=").decode()


def decode(text: str) -> Cursor:
    """The cursor back. Raises BadInput."""
    wrong = BadInput("Invalid `after`: expected a cursor from `pageInfo.endCursor` or `edges.cursor`")
    if len(text) > _LONGEST:
        raise wrong
    try:
        data = b64decode(text.encode() + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise wrong from None
    check, body = data[:_CHECK], data[_CHECK:]
    if check != _check(body):
        raise wrong
    try:
        return _read(orjson.loads(body))
    except ValueError:
        raise wrong from None


def _read(body: object) -> Cursor:
    # whoever reads this file can make the check, too: nothing in a body is taken on trust
    match body:
        case [int(version), *_] if version != _VERSION:
            raise BadInput("`after` is a cursor from another version of this server: start the list again")
        case [int(), place, dict(behind), dict(hints), None | int() as total]:
            return Cursor(
                _read_position(place),
                {Provider(name): _read_position(older) for name, older in behind.items()},
                {Provider(name): str(hint) for name, hint in hints.items()},
                total,
            )
    raise ValueError("not a cursor's body")


def _written(place: Position) -> list[int | str | None] | None:
    return None if place == TOP else [None if place.is_unset else -place.age, place.id]


def _read_position(written: object) -> Position:
    match written:
        case None:
            return TOP
        case [None, str(id_)]:
            return Position(True, 0, id_)
        case [int(microseconds), str(id_)] if microseconds in _TIMES:
            return Position(False, -microseconds, id_)
    raise ValueError("not a position")


def _shortened(id_: str) -> str:
    # a cursor holds up to four ids, and a source may send one of any length
    digest = blake2b(id_.encode(errors="replace"), digest_size=16).hexdigest()
    return f"{id_[: _LONGEST_TEXT - len(digest)]}{digest}"


def _check(body: bytes) -> bytes:
    return blake2b(body, digest_size=_CHECK, person=b"triptych.cursor").digest()
