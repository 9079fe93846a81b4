"""The course of one task, put together from whole tasks and parts of them, as reads and streams bring them.

They come in any order and repeat. What a course says never runs backwards, and ends once:

    whole QUEUED            -> QUEUED
    part  RUNNING 40 %      -> RUNNING 40 %, the rest as in the last whole task
    whole RUNNING 30 %      -> nothing: a read that was under way when the part came
    whole SUCCEEDED         -> SUCCEEDED, the last
    part  RUNNING 90 %      -> nothing
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from loaders.errors import TriptychError
from loaders.records import TaskRecord, TaskStatus

_RANKS = {TaskStatus.QUEUED: 0, TaskStatus.RUNNING: 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """What has become of a watched task. task: None where it is deleted, unknown or could not be read.

    is_last: nothing comes after it, because the task has ended, is not there, or `error` says why.
    """

    task: TaskRecord | None = None
    is_deleted: bool = False
    error: TriptychError | None = None
    is_last: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """What a stream says of a task that is under way. progress: as in TaskRecord."""

    status: TaskStatus
    provider_status: str
    progress: int | None = None


def is_over(task: TaskRecord) -> bool:
    """Whether nothing more will happen to it; a task that waits for a person may go on."""
    return task.is_terminal and task.status is not TaskStatus.ACTION_REQUIRED


class Course:
    """One task's. latest: what was said last; None before the first. Methods answer what is new, or None."""

    def __init__(self) -> None:
        self.latest: Update | None = None
        self._part: Part | None = None  # that came before the first whole task
        self._rank = -1
        self._progress: int | None = None

    @property
    def is_over(self) -> bool:
        """Whether the last update has been said."""
        return self.latest is not None and self.latest.is_last

    def whole(self, task: TaskRecord) -> Update | None:
        """All of it, as a read or a stream brought it."""
        if self.is_over:
            return None
        part, self._part = self._part, None
        if part is not None and not is_over(task):
            task = _merged(task, part)
        return self._reached(task)

    def part(self, part: Part) -> Update | None:
        """What a stream says of a task that is under way."""
        if self.is_over:
            return None
        if self.latest is None or self.latest.task is None:
            self._part = part
            return None
        return self._reached(_merged(self.latest.task, part))

    def absent(self) -> Update | None:
        """Its source has none with this id; any more, if there was one."""
        return self._ended(Update(is_deleted=self.latest is not None, is_last=True))

    def failed(self, error: TriptychError) -> Update | None:
        """It cannot be read, and nobody goes on trying."""
        return self._ended(Update(error=error, is_last=True))

    def _ended(self, update: Update) -> Update | None:
        if self.is_over:
            return None
        self.latest = update
        return update

    def _reached(self, task: TaskRecord) -> Update | None:
        before = self.latest.task if self.latest is not None else None
        is_last = is_over(task)
        if task.status is TaskStatus.ACTION_REQUIRED:
            # what follows a confirmation begins anew
            self._rank, self._progress = -1, None
        rank = _RANKS.get(task.status, self._rank)
        if not is_last and rank < self._rank:
            return None
        self._rank = rank
        if self._progress is not None and (task.progress is None or task.progress < self._progress):
            # failed tasks of Meshy's fall back to 0
            task = replace(task, progress=self._progress)
        self._progress = task.progress
        if before is not None and replace(before, raw=None) == replace(task, raw=None):
            return None
        self.latest = Update(task=task, is_last=is_last)
        return self.latest


def _merged(task: TaskRecord, part: Part) -> TaskRecord:
    return replace(
        task,
        status=part.status,
        provider_status=part.provider_status,
        progress=task.progress if part.progress is None else part.progress,
        queue_position=task.queue_position if part.status is TaskStatus.QUEUED else None,
    )
