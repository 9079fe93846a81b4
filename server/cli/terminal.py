"""What standard output is: a terminal of some width, with colours and links, or a file."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TextIO

_COLOURS = {"good": "32", "bad": "31", "busy": "33", "head": "1", "faint": "2"}


@dataclass(frozen=True, slots=True)
class Terminal:
    """width: columns; None where it is no terminal, and nothing is cut or coloured."""

    width: int | None = None
    has_colours: bool = False

    @classmethod
    def of(cls, stream: TextIO, environ: Mapping[str, str] = os.environ) -> Terminal:
        """NO_COLOR (https://no-color.org) and TERM=dumb take the colours away."""
        try:
            is_terminal = stream.isatty()
        except ValueError:  # it is closed
            is_terminal = False
        if not is_terminal:
            return cls()
        plain = bool(environ.get("NO_COLOR")) or environ.get("TERM") in {None, "", "dumb"}
        return cls(max(20, shutil.get_terminal_size().columns), not plain)

    def painted(self, text: str, colour: str | None) -> str:
        """colour: good, bad, busy, head or faint."""
        if not self.has_colours or colour is None or not text:
            return text
        return f"\x1b[{_COLOURS[colour]}m{text}\x1b[0m"

    def linked(self, text: str, url: str) -> str:
        """Text that leads to the URL where the terminal knows such links (OSC 8); others show the text."""
        if not self.has_colours or not (url.isascii() and url.isprintable()):
            return text
        return f"\x1b]8;;{url}\x1b\\{text}\x1b]8;;\x1b\\"
