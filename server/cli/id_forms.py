"""Media ids out of text: plain lines, and what `media` and `tasks` print as a table, CSV or JSON lines.

    media:pixai:1                                 one id per line
    id,status,created,media,prompt                CSV: the column media.id, media or id
    {"id": "task:pixai:9", "media": ["media:pixai:1"]}
    ID  STATUS  CREATED  MEDIA  PROMPT            a table, whose columns are two spaces apart

The first line tells which. Lines that begin with # are skipped, and blank ones. A row with a task's own id
beside its media's says more of each picture: whose it is, when it was made, and its place.
"""

from __future__ import annotations

import csv
import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import orjson

from server.cli.input import NOT_TEXT, Unreadable

LONGEST_ID = 65_536  # characters; a longer line is not an id
COLUMNS = ("media.id", "media", "id")  # where ids are looked for, in this order
NOTHING = "-"  # an empty cell of a table
_GAP = re.compile(r" {2,}")


@dataclass(frozen=True, slots=True)
class Given:
    """One id, as it was given. task, created: of the row that it stood in; index: its place in that row."""

    id: str
    task: str | None = None
    created: str | None = None
    index: int | None = None


def given(lines: Iterator[str]) -> Iterator[Given]:
    """The ids in their order. Raises Unreadable while it is iterated."""
    for line in lines:
        first = line.strip()
        if first and not first.startswith("#"):
            break
    else:
        return
    rest = itertools.chain([line], lines)
    if first.startswith("{"):
        rows: Iterator[Mapping[str, object]] = _json_rows(rest)
    elif (names := _csv_names(first)) is not None:
        next(rest)
        rows = _csv_rows(names, rest)
    elif (names := _table_names(first)) is not None:
        next(rest)
        rows = _table_rows(names, rest)
    else:
        yield from _plain(rest)
        return
    for row in rows:
        yield from _of_row(row)


def _plain(lines: Iterator[str]) -> Iterator[Given]:
    for line in lines:
        stripped = line.strip()
        if len(stripped) > LONGEST_ID:
            raise Unreadable(NOT_TEXT)
        if stripped and not stripped.startswith("#"):
            yield Given(stripped)


def _json_rows(lines: Iterator[str]) -> Iterator[Mapping[str, object]]:
    for number, line in enumerate(lines, start=1):
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        try:
            row = orjson.loads(stripped)
        except ValueError:
            row = None
        if not isinstance(row, dict) or not any(name in row for name in COLUMNS):
            raise Unreadable(f"line {number}: expected a JSON object with media.id, media or id")
        yield row


def _csv_names(first: str) -> Sequence[str] | None:
    names = next(csv.reader([first]))
    return names if any(name in names for name in COLUMNS) else None


def _csv_rows(names: Sequence[str], lines: Iterator[str]) -> Iterator[Mapping[str, object]]:
    for line in lines:
        if line.strip() and not line.startswith("#"):
            # a reader for each row takes the lines that a quoted cell goes on in, and no other
            cells = next(csv.reader(itertools.chain([line], lines)))
            yield dict(zip(names, cells, strict=False))


def _table_names(first: str) -> Sequence[str] | None:
    names = [name.lower() for name in _GAP.split(first)]
    return names if first.isupper() and any(name in names for name in COLUMNS) else None


def _table_rows(names: Sequence[str], lines: Iterator[str]) -> Iterator[Mapping[str, object]]:
    for line in lines:
        stripped = line.strip()
        if stripped and not stripped.startswith("#"):
            cells = ("" if cell == NOTHING else cell for cell in _GAP.split(stripped))
            yield dict(zip(names, cells, strict=False))


def _of_row(row: Mapping[str, object]) -> Iterator[Given]:
    column = next((name for name in COLUMNS if name in row), None)
    if column is None:  # a row that ends before the column
        return
    if column == "id":
        if own := _text(row["id"]):
            yield Given(own)
        return
    task, created = _text(row.get("id")), _text(row.get("created")) or _text(row.get("createdAt"))
    for index, found in enumerate(_ids(row[column])):
        yield Given(found, task, created, index)


def _ids(cell: object) -> Iterator[str]:
    if isinstance(cell, str):
        yield from cell.split()
    elif isinstance(cell, Mapping):
        yield from _ids(cell.get("id"))
    elif isinstance(cell, list):
        for one in cell:
            yield from _ids(one)


def _text(cell: object) -> str | None:
    return cell if isinstance(cell, str) and cell else None
