"""The progress bar of a long command."""

from __future__ import annotations

import sys
from typing import Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text


class Bar:
    """On standard error, gone at the end: how many of how many, failures, and the time that is left.

    Not there where standard error is no terminal, nor where the rows go to the same terminal. total: None
    where nobody knows it.
    """

    def __init__(self, name: str, *, total: int | None = None, has_bytes: bool = False) -> None:
        console = Console(stderr=True)
        self.is_shown = console.is_terminal and (has_bytes or not sys.stdout.isatty())
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            *([_Bytes()] if has_bytes else []),
            _Failures(),
            TimeRemainingColumn(elapsed_when_finished=True),
            console=console,
            transient=True,
            redirect_stdout=False,
            disable=not self.is_shown,
        )
        self._task = self._progress.add_task(name, total=total, failed=0, bytes=0)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def expect(self, total: int) -> None:
        """The total, as soon as it is known."""
        self._progress.update(self._task, total=total)

    def show(self, done: int, *, failed: int, received: int = 0) -> None:
        """Where it stands. received: bytes."""
        self._progress.update(self._task, completed=done, failed=failed, bytes=received)


class _Failures(ProgressColumn):
    def render(self, task: Task) -> Text:
        failed = task.fields["failed"]
        return Text(f"{failed} failed" if failed else "", style="red")


class _Bytes(ProgressColumn):
    def render(self, task: Task) -> Text:
        return Text(size(task.fields["bytes"]), style="green")


def size(count: int) -> str:
    """`12.3 MB`, `512 bytes`."""
    for unit, one in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if count >= one:
            return f"{count / one:.1f} {unit}"
    return f"{count} bytes"
