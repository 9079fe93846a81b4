"""What `triptych watch` shows: a bar for each task on a terminal, elsewhere a line for each change."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Self

import orjson
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

from server.cli.graph import JsonObject

MOST = 40  # bars at once: a terminal has few more lines; tasks that have ended make way
_STYLES = {"SUCCEEDED": "green", "FAILED": "red", "CANCELED": "yellow", "ACTION_REQUIRED": "yellow"}


class Lines:
    """A line for each update, on standard output."""

    @staticmethod
    def json(update: JsonObject) -> None:
        """The update as the graph answers it."""
        _print(orjson.dumps(update).decode())

    @staticmethod
    def text(update: JsonObject) -> None:
        """`task:meshy:…  RUNNING  40 %`."""
        _print("  ".join([update["taskId"], *_words(update)]))


class TaskBars:
    """A bar for each task where standard output is a terminal; lines where it is not."""

    def __init__(self, ids: Sequence[str]) -> None:
        console = Console()
        self._is_shown = console.is_terminal
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=None),
            TaskProgressColumn(),
            TextColumn("{task.fields[state]}"),
            TimeElapsedColumn(),
            console=console,
            disable=not self._is_shown,
            expand=True,
        )
        self._bars = {
            id_: self._progress.add_task(id_, total=None, state="", start=False, visible=place < MOST)
            for place, id_ in enumerate(ids)
        }

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def show(self, update: JsonObject) -> None:
        """Move its bar."""
        if not self._is_shown:
            Lines.text(update)
            return
        bar = self._bars[update["taskId"]]
        task = update["task"]
        state, *more = _words(update)
        style = _STYLES.get(state, "red" if task is None else "")
        shown = Text(" ".join([state.lower().replace("_", " "), *more[1:]]), style=style)
        progress = None if task is None else task["progress"]
        if state == "SUCCEEDED":
            progress = 100
        if state != "QUEUED":
            self._progress.start_task(bar)
        # without a figure the bar moves to and fro; one that has ended stands still
        total = 100 if progress is not None or task is None or task["isTerminal"] else None
        self._progress.update(bar, total=total, completed=progress or 0, state=shown)
        if task is None or task["isTerminal"]:
            self._progress.stop_task(bar)
            hidden = next((one for one in self._progress.tasks if not one.visible), None)
            if hidden is not None:
                self._progress.update(bar, visible=False)
                self._progress.update(hidden.id, visible=True)


def _words(update: JsonObject) -> list[str]:
    """The state, the percentage or "-", and why, where there is a reason."""
    task, error = update["task"], update["error"]
    if error is not None:
        return [error["code"], "-", error["message"]]
    if task is None:
        return ["DELETED" if update["isDeleted"] else "NOT FOUND", "-"]
    progress = "-" if task["progress"] is None else f"{task['progress']} %"
    failure = task["failure"]
    return [task["status"], progress, *([] if failure is None else [failure["message"]])]


def _print(line: str) -> None:
    sys.stdout.write(line.replace("\n", " ") + "\n")
    sys.stdout.flush()
