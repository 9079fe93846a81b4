"""A source's own way of telling changes as they happen, as the watcher uses it."""

from __future__ import annotations

from typing import Protocol

from loaders.course import Part
from loaders.records import TaskRecord


class Ear(Protocol):
    """What a stream tells what it hears."""

    def wants(self, key: str) -> bool:
        """Whether anybody watches the task."""

    def whole(self, task: TaskRecord) -> None:
        """All of a task; one that nobody watches is ignored."""

    def part(self, key: str, part: Part) -> None:
        """Some fields of a task."""

    def look(self, key: str) -> None:
        """The task may have changed: it is read soon."""


class Stream(Protocol):
    """A source's own way of telling changes. It keeps itself open while anything is followed."""

    def follow(self, key: str) -> None:
        """Tell this task's changes from now on."""

    def leave(self, key: str) -> None:
        """Nobody wants to know any more."""

    def is_live(self, key: str) -> bool:
        """Whether it would tell a change of this task now."""

    async def close(self) -> None:
        """End whatever runs."""
