"""Rows as a table for people, or as JSON lines or CSV for programs, written as they come."""

from __future__ import annotations

import csv
import sys
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import TextIO

import orjson

from server.cli.id_forms import NOTHING
from server.cli.terminal import Terminal

GAP = "  "
LEAST = {"status": 10, "bytes": 8}  # what later rows need, whatever the first ones are
WIDEST = 66  # columns that cells of a file are padded to; an id is not longer

_TONES = {
    "good": {"OK", "SUCCEEDED", "WORKS"},
    "busy": {"QUEUED", "RUNNING", "ACTION_REQUIRED", "SKIPPED", "NOT CONFIGURED", "THROTTLED"},
    "faint": {"CANCELED", "UNKNOWN"},
}


class Format(StrEnum):
    """How rows are printed."""

    TABLE = "table"
    JSONL = "jsonl"
    CSV = "csv"


class Rows:
    """Writes rows with these columns. A cell is a value of JSON; None is null in JSON and empty in CSV.

    A table has one line per row, whatever the cells contain, and `-` for an empty one. Its widths are those
    of the rows before the first flush: on a terminal what is wider is cut, elsewhere nothing is.
    """

    def __init__(
        self,
        format: Format,
        columns: Sequence[str],
        out: TextIO | None = None,
        terminal: Terminal | None = None,
    ) -> None:
        self._format = format
        self._columns = tuple(columns)
        self._out = out if out is not None else sys.stdout
        self._terminal = Terminal.of(self._out) if terminal is None else terminal
        self._csv = csv.writer(self._out, lineterminator="\n")
        self._held: list[list[str]] = [[name.upper() for name in columns]]
        self._widths: list[int] | None = None
        self.has_cut = False  # whether a cell was too wide for the terminal
        if format is Format.CSV:
            self._csv.writerow(columns)

    @property
    def is_for_people(self) -> bool:
        """Whether it is a table on a terminal."""
        return self._format is Format.TABLE and self._terminal.width is not None

    def write(self, row: Mapping[str, object]) -> None:
        """One row."""
        cells = [row[name] for name in self._columns]
        if self._format is Format.JSONL:
            line = orjson.dumps(dict(zip(self._columns, cells, strict=True)))
            self._out.write(line.decode() + "\n")
        elif self._format is Format.CSV:
            self._csv.writerow(map(_text, cells))
        else:
            self._held.append([_one_line(_text(cell)) or NOTHING for cell in cells])

    def flush(self) -> None:
        """Make everything written so far visible to the reader."""
        if self._format is Format.TABLE:
            self._lay_out()
        self._out.flush()

    def _lay_out(self) -> None:
        is_first = self._widths is None
        if self._widths is None:
            columns = zip(self._columns, zip(*self._held, strict=True), strict=True)
            self._widths = self._fitted(
                [max(LEAST.get(name, 0), *map(_width, cells)) for name, cells in columns]
            )
        for number, cells in enumerate(self._held):
            laid = [self._cell(*cell, is_head=is_first and number == 0) for cell in self._placed(cells)]
            self._out.write(GAP.join(laid).rstrip() + "\n")
        self._held.clear()

    def _placed(self, cells: Sequence[str]) -> list[tuple[str, str, int, bool]]:
        assert self._widths is not None, "laid out first"
        last = len(cells) - 1
        return [
            (name, text, width, place == last)
            for place, (name, text, width) in enumerate(zip(self._columns, cells, self._widths, strict=True))
        ]

    def _cell(self, name: str, text: str, width: int, is_last: bool, *, is_head: bool) -> str:
        shown = text
        if self._terminal.width is not None and _width(text) > width:
            shown = _cut(text, width)
            self.has_cut = True
        padding = "" if is_last else " " * max(0, width - _width(shown))
        if is_head:
            return self._terminal.painted(shown, "head") + padding
        if shown is not text and text.startswith(("http://", "https://")):
            return self._terminal.linked(shown, text) + padding
        is_state = name in {"status", "state"}
        return self._terminal.painted(shown, _tone(text) if is_state else None) + padding

    def _fitted(self, widths: list[int]) -> list[int]:
        """As wide as they are, or the widest ones cut to one width so that all fit."""
        if self._terminal.width is None:
            return [min(width, WIDEST) for width in widths]
        space = self._terminal.width - len(GAP) * (len(widths) - 1)
        if sum(widths) <= space:
            return widths
        most = max(1, space // len(widths))
        while sum(min(width, most + 1) for width in widths) <= space:
            most += 1
        return [min(width, most) for width in widths]


def _tone(status: str) -> str:
    return next((tone for tone, words in _TONES.items() if status.upper() in words), "bad")


def _text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, list | tuple):
        return " ".join(map(_text, cell))
    return orjson.dumps(cell).decode()


def _one_line(text: str) -> str:
    """Whatever is not printable shows as a mark; runs of spaces become one, because two end a cell."""
    shown = text if text.isprintable() else "".join(c if c.isprintable() else "�" for c in text)
    return " ".join(shown.split()) if "  " in shown or shown != shown.strip() else shown


def _width(text: str) -> int:
    """Columns on a terminal: those of most writings are one per character."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def _cut(text: str, width: int) -> str:
    if width < 2:
        return "…"[:width]
    if text.isascii():
        return text[: width - 1] + "…"
    from rich.cells import set_cell_size

    return set_cell_size(text, width - 1).rstrip() + "…"
