"""Standard output that says so when it cannot be written, whoever writes: rows, sentences or help."""

from __future__ import annotations

import errno
import os
import sys
from io import TextIOWrapper

from server.cli.os_errors import reason


class Unwritable(Exception):
    """Standard output takes nothing more."""

    def __init__(self, error: OSError) -> None:
        super().__init__("it is closed" if error.errno == errno.EBADF else reason(error))
        self.is_broken_pipe = isinstance(error, BrokenPipeError)


class Output(TextIOWrapper):
    """UTF-8 with plain line ends. Raises Unwritable where others raise OSError."""

    def write(self, text: str, /) -> int:
        """The number of characters."""
        try:
            return super().write(text)
        except OSError as error:
            raise Unwritable(error) from None

    def flush(self) -> None:
        """Raises Unwritable, for what was written before too."""
        try:
            super().flush()
        except OSError as error:
            raise Unwritable(error) from None


def replace() -> None:
    """From now on `sys.stdout` is one; also where it is closed (`>&-`), which Python shows as None."""
    stream: object = sys.stdout
    if stream is None:
        # what is opened for reading refuses to be written, as the closed one would
        stream = open(os.open(os.devnull, os.O_RDONLY), "wb", closefd=False)  # noqa: SIM115 - until the end
        sys.stdout = Output(stream, encoding="utf-8", errors="replace", newline="\n")
    elif isinstance(stream, TextIOWrapper):
        buffering = stream.line_buffering
        sys.stdout = Output(
            stream.detach(), encoding="utf-8", errors="replace", newline="\n", line_buffering=buffering
        )


def drop() -> None:
    """What is still to be written goes nowhere, so that the end of the process does not try it again."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
