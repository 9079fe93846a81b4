"""Lines of a file or of standard input, a window at a time, without blocking the event loop."""

from __future__ import annotations

import asyncio
import itertools
import sys
import threading
from collections.abc import AsyncIterator, Iterable, Iterator
from typing import TextIO

from server.os_errors import reason

LONGEST = 65_536  # characters; a longer line is not an id
NOT_TEXT = "expected UTF-8 text with one id per line"


class Unreadable(Exception):
    """Why the lines cannot be read, in a few words."""


def read(source: str) -> Iterator[str]:
    """The lines that are not blank, stripped; `-` is standard input.

    Raises Unreadable, at once or while it is iterated.
    """
    file = _open(source)

    def lines() -> Iterator[str]:
        with file:
            while line := _next(file.readline(LONGEST + 1)):
                if stripped := line.strip():
                    yield stripped

    def _next(line: str) -> str:
        if "\0" in line or len(line) > LONGEST:
            raise Unreadable(NOT_TEXT)
        return line

    return _told(lines())


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


async def windows(lines: Iterable[str], size: int) -> AsyncIterator[list[str]]:
    """Lists of `size` lines, the last one shorter.

    Each is read in a thread, because reading may block; a daemon thread, so that Ctrl-C need not wait for it.
    """
    source = iter(lines)
    while window := await _in_thread(source, size):
        yield window


async def _in_thread(source: Iterator[str], size: int) -> list[str]:
    loop = asyncio.get_running_loop()
    done: asyncio.Future[list[str]] = loop.create_future()

    def settle(window: list[str], error: BaseException | None) -> None:
        if done.cancelled():
            return
        if error is None:
            done.set_result(window)
        else:
            done.set_exception(error)

    def work() -> None:
        window: list[str] = []
        error: BaseException | None = None
        try:
            window = list(itertools.islice(source, size))
        except Exception as raised:  # it is the reader's, and goes there
            error = raised
        loop.call_soon_threadsafe(settle, window, error)

    threading.Thread(target=work, daemon=True).start()
    return await done
