"""Lines of a file or of standard input, a window at a time, without blocking the event loop."""

from __future__ import annotations

import asyncio
import itertools
import os
import stat
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from pathlib import Path
from typing import TextIO, TypeVar

from server.os_errors import reason

LONGEST = 4_000_000  # characters of a line; a row with a whole task in it has some thousands
NOT_TEXT = "expected UTF-8 text with one id per line"

T = TypeVar("T")


class Unreadable(Exception):
    """Why the lines cannot be read, in a few words."""


def read(source: str) -> Iterator[str]:
    """The lines as they are, with their ends; `-` is standard input.

    Raises Unreadable, at once or while it is iterated.
    """
    file = _open(source)

    def lines() -> Iterator[str]:
        with file:
            while line := file.readline(LONGEST + 1):
                if "\0" in line or len(line) > LONGEST:
                    raise Unreadable(NOT_TEXT)
                yield line

    return _told(lines())


def is_regular(source: str) -> bool:
    """Whether it can be read twice: a file, not a pipe or a terminal."""
    try:
        found = os.fstat(sys.stdin.fileno()) if source == "-" else Path(source).stat()
    except (OSError, ValueError, AttributeError):  # also where standard input is closed
        return False
    return stat.S_ISREG(found.st_mode)


def count(source: str, ids: Callable[[Iterator[str]], Iterator[object]]) -> int:
    """How many ids a regular file holds, from where standard input stands. Raises Unreadable."""
    start = os.lseek(sys.stdin.fileno(), 0, os.SEEK_CUR) if source == "-" else 0
    try:
        return sum(1 for _ in ids(read(source)))
    finally:
        if source == "-":
            os.lseek(sys.stdin.fileno(), start, os.SEEK_SET)


def _open(source: str) -> TextIO:
    if source == "-" and sys.stdin is None:
        raise Unreadable("standard input is closed")
    try:
        return open(
            sys.stdin.fileno() if source == "-" else source, encoding="utf-8-sig", closefd=source != "-"
        )
    except OSError as error:
        raise Unreadable(reason(error)) from None


def _told(lines: Iterator[str]) -> Iterator[str]:
    try:
        yield from lines
    except UnicodeDecodeError:
        raise Unreadable(NOT_TEXT) from None
    except OSError as error:
        raise Unreadable(reason(error)) from None


async def windows(items: Iterable[T], size: int) -> AsyncIterator[list[T]]:
    """Lists of `size` items, the last one shorter.

    Each is read in a thread, because reading may block; a daemon thread, so that Ctrl-C need not wait for it.
    """
    source = iter(items)
    while window := await in_thread(lambda: list(itertools.islice(source, size))):
        yield window


async def in_thread(work: Callable[[], T]) -> T:
    """What it returns or raises, from a daemon thread."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def settle(result: Callable[[], None]) -> None:
        if not done.cancelled():
            result()

    def run() -> None:
        try:
            found = work()
        except Exception as raised:  # it is the reader's, and goes there
            error = raised
            loop.call_soon_threadsafe(settle, lambda: done.set_exception(error))
        else:
            loop.call_soon_threadsafe(settle, lambda: done.set_result(found))

    threading.Thread(target=run, daemon=True).start()
    return await done
