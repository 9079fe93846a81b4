"""Standard output that raises one error when it cannot be written, whatever is written: rows or help."""

from __future__ import annotations

import errno
import os
import sys
from io import TextIOWrapper

from server.os_errors import reason


class Unwritable(Exception):
    """Standard output cannot be written. The message says why, in a few words."""

    def __init__(self, error: OSError) -> None:
        super().__init__("it is closed" if error.errno == errno.EBADF else reason(error))
        self.is_broken_pipe = isinstance(error, BrokenPipeError)


class Output(TextIOWrapper):
    """UTF-8 with plain line ends. Raises Unwritable instead of OSError."""

    def write(self, text: str, /) -> int:
        """The number of characters. Raises Unwritable."""
        try:
            return super().write(text)
        except OSError as error:
            raise Unwritable(error) from None

    def flush(self) -> None:
        """Raises Unwritable, also for what was written earlier."""
        try:
            super().flush()
        except OSError as error:
            raise Unwritable(error) from None


def replace() -> None:
    """Make `sys.stdout` an `Output`, also where it is closed (`>&-`) and Python has None."""
    stream: object = sys.stdout
    if stream is None:
        # a file opened for reading cannot be written, as the closed one cannot
        stream = open(os.open(os.devnull, os.O_RDONLY), "wb", closefd=False)  # noqa: SIM115 - until the end
        sys.stdout = Output(stream, encoding="utf-8", errors="replace", newline="\n")
    elif isinstance(stream, TextIOWrapper):
        buffering = stream.line_buffering
        sys.stdout = Output(
            stream.detach(), encoding="utf-8", errors="replace", newline="\n", line_buffering=buffering
        )


def drop() -> None:
    """Discard what is still buffered, so that the interpreter does not try to write it on exit."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
