"""The `triptych` command."""

from __future__ import annotations

import sys
from io import TextIOWrapper

from server import packages
from server.cli import output


def main() -> None:
    """The console script. What it prints is UTF-8 with plain line ends, wherever it runs."""
    output.replace()
    if isinstance(sys.stderr, TextIOWrapper):
        sys.stderr.reconfigure(encoding="utf-8", errors="replace")
    if clash := packages.clash():
        _fail(clash)
    try:
        _run()
    except output.Unwritable as error:
        output.drop()
        if error.is_broken_pipe:  # a reader that leaves (`| head -1`) has what it wanted
            sys.exit(1)
        _fail(f"standard output cannot be written: {error}")


def _run() -> None:
    from server.cli.app import app  # not before it is known to be this project's

    try:
        app()
    except SystemExit:
        sys.stdout.flush()
        raise


def _fail(sentence: str) -> None:
    sys.stderr.write(f"triptych: {sentence}\n")
    sys.exit(1)
