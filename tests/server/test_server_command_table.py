"""Tables on terminals and in files."""

from __future__ import annotations

import io
import re

from rich.cells import cell_len

from server.cli.table import Format, Rows
from server.cli.terminal import Terminal

URL = "https://pictures.example/a.png?Signature=" + "x" * 300
ROWS = [
    {"id": "media:pixai:459604023097100648", "status": "OK", "url": URL, "message": None},
    {"id": "media:pixai:画像", "status": "UPSTREAM_REFUSED", "url": None, "message": "画像" * 60},
]
COLUMNS = ("id", "status", "url", "message")


def table(terminal: Terminal) -> tuple[list[str], bool]:
    """Its lines, and whether something was cut."""
    out = io.StringIO()
    rows = Rows(Format.TABLE, COLUMNS, out, terminal)
    for row in ROWS:
        rows.write(row)
    rows.flush()
    rows.write(ROWS[1])
    rows.flush()
    return out.getvalue().splitlines(), rows.has_cut


def test_it_fits_the_terminal() -> None:
    """Whatever the width and the writing: no line is longer, and ids are cut last."""
    for width in 20, 60, 80, 132:
        lines, has_cut = table(Terminal(width))

        assert (max(map(cell_len, lines)), len(lines), has_cut) <= (width, 4, True)
    wide, _ = table(Terminal(132))
    assert wide[1].startswith("media:pixai:459604023097100648  OK ")


def test_messages_have_a_column_of_their_own() -> None:
    """An empty cell is a dash; a file holds every cell whole."""
    lines, has_cut = table(Terminal())

    assert [re.split(" {2,}", line)[-1] for line in lines] == ["MESSAGE", "-", "画像" * 60, "画像" * 60]
    assert (URL in lines[1], lines[2].split()[2], has_cut) == (True, "-", False)


def test_colours_and_links_are_for_terminals_that_have_them() -> None:
    """The states in colour, and a cut address still leads to the whole one."""
    coloured, _ = table(Terminal(100, has_colours=True))
    plain, _ = table(Terminal(100))

    assert "\x1b[32mOK\x1b[0m" in coloured[1]
    assert f"\x1b]8;;{URL}\x1b\\https://" in coloured[1]
    assert "\x1b[31mUPSTREAM_REFUSED\x1b[0m" in coloured[2]
    assert "\x1b" not in "".join(plain)


def test_what_is_no_terminal_has_no_colours() -> None:
    """Nor has one whose user wants none."""

    class Screen(io.StringIO):
        def isatty(self) -> bool:
            return True

    environs = [{"TERM": "xterm"}, {"TERM": "xterm", "NO_COLOR": "1"}, {"TERM": "dumb"}, {}]
    found = [Terminal.of(Screen(), environ).has_colours for environ in environs]

    assert found == [True, False, False, False]
    assert Terminal.of(io.StringIO(), {"TERM": "xterm"}) == Terminal(None, False)
