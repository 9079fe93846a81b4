"""Rows as a table for people, or as JSON lines or CSV for programs, written as they come."""

from __future__ import annotations

import csv
import sys
from collections.abc import Mapping
from enum import StrEnum
from typing import TextIO

import orjson


class Format(StrEnum):
    """How rows are printed."""

    TABLE = "table"
    JSONL = "jsonl"
    CSV = "csv"


class Rows:
    """columns: name -> width in a table; 0: unlimited.

    None is null in JSON and empty elsewhere. A table has one line per row, whatever the cells contain.
    """

    def __init__(self, format: Format, columns: Mapping[str, int], out: TextIO | None = None) -> None:
        self._format = format
        self._columns = columns
        self._out = out if out is not None else sys.stdout
        self._csv = csv.writer(self._out, lineterminator="\n")
        if format is Format.TABLE:
            self._table({name: name.upper() for name in columns})
        elif format is Format.CSV:
            self._csv.writerow(columns)

    def write(self, row: Mapping[str, str | None]) -> None:
        """One row."""
        if self._format is Format.JSONL:
            self._out.write(orjson.dumps({name: row[name] for name in self._columns}).decode() + "\n")
        elif self._format is Format.CSV:
            self._csv.writerow([row[name] or "" for name in self._columns])
        else:
            self._table(row)

    def flush(self) -> None:
        """Make everything written so far visible to the reader."""
        self._out.flush()

    def _table(self, row: Mapping[str, str | None]) -> None:
        cells = [
            _one_line(text).ljust(width)
            for name, width in self._columns.items()
            if (text := row[name] or "") or width
        ]
        self._out.write("  ".join(cells).rstrip() + "\n")


def _one_line(text: str) -> str:
    return text if text.isprintable() else "".join(c if c.isprintable() else "�" for c in text)
