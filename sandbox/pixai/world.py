"""PixAI's world: more than 1,100 tasks and thousands of media, the same every time.

Most are fixed, spread over eight months of 2024; a few move with the clock from the moment of the start.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from random import Random

from sandbox.moderation import banned_word
from sandbox.pixai import vendor_examples
from sandbox.pixai.edge_cases import edge_cases
from sandbox.pixai.factory import ended, make
from sandbox.pixai.records import USER, Json, Media, Task, epoch, iso
from sandbox.schedule import RUNS, WAITS, Schedule

ORDINARY = 1130
FIRST = epoch("2024-05-20T00:00:00.000Z")
LAST = epoch("2025-01-20T00:00:00.000Z")
BATCHES = (4, 4, 4, 4, 4, 1, 1, 1, 2, 3, 6, 9)

# id -> (seconds it waits, seconds it runs, pictures, how it ends)
MOVING = {
    "1900000000000000101": (0, 5, 1, "completed"),
    "1900000000000000102": (2, 8, 4, "completed"),
    "1900000000000000103": (5, 5, 1, "failed"),
    "1900000000000000104": (10, 30, 4, "completed"),
    "1900000000000000105": (30, 60, 9, "completed"),
    "1900000000000000106": (60, 600, 4, "completed"),
}


class World:
    """What one start of the sandbox holds. started: epoch seconds; tasks are made from then on."""

    def __init__(self, started: float) -> None:
        tasks, media = _fixed()
        self._tasks = dict(tasks)
        self._media = dict(media)
        self._rng = Random(2024)
        for key, (waits, runs, batch, status) in MOVING.items():
            task, pictures = make(self._rng, started, batch, schedule=Schedule(started, waits, runs))
            if status != "completed":
                task = ended(task, status, {"reason": "the runner was lost"})
            self._keep([replace(task, id=key)], pictures)

    def task(self, key: str, now: float) -> Task | None:
        """As it is now; None where there is none that this account may see."""
        task = self._tasks.get(key)
        return None if task is None or task.user_id != USER else task.at(now)

    def media(self, key: str | None, now: float) -> Media | None:
        """Others' media too (their `mine` is False); None where there is none yet."""
        media = self._media.get(key) if key else None
        return None if media is None or media.since > now else media

    def listed(self, now: float) -> list[Task]:
        """The account's tasks, oldest first."""
        return sorted(
            (task.at(now) for task in self._tasks.values() if task.listed),
            key=lambda task: (task.created, task.id),
        )

    def record(self, key: str) -> Task | None:
        """As it will end; None where there is none."""
        return self._tasks.get(key)

    def moving(self) -> list[str]:
        """Ids of the tasks that have a schedule."""
        return [task.id for task in self._tasks.values() if task.schedule is not None]

    def add_media(self, media: Media) -> None:
        """Media without a task."""
        self._keep([], [media])

    def create(self, parameters: Json, now: float, callback: str | None = None) -> Task:
        """A new task, which takes ten seconds, and fails where a word of its prompt is banned."""
        size = parameters.get("batchSize")
        batch = size if isinstance(size, int) and 1 <= size <= 9 else 1
        task, pictures = make(self._rng, now, batch, parameters, Schedule(now, WAITS, RUNS))
        if banned_word(str(parameters.get("prompts"))):
            task, pictures = ended(task, "failed", {"reason": "prompt was moderated"}), []
        self._keep([replace(task, callback=callback)], pictures)
        return self._tasks[task.id].at(now)

    def cancel(self, key: str, reason: str | None, now: float) -> Task | None:
        """Changes only a task that has not ended; None where there is none."""
        task = self.task(key, now)
        if task is None or task.status not in ("waiting", "running"):
            return task
        when = iso(now)
        outputs: Json = {} if reason is None else {"reason": reason}
        cancelled = replace(ended(task, "cancelled", outputs), end_at=when, updated_at=when, schedule=None)
        self._tasks[key] = cancelled
        return cancelled

    def delete(self, key: str) -> None:
        """Takes it out of the lists; its id still resolves, as a deleted one does at PixAI."""
        if key in self._tasks:
            self._tasks[key] = replace(self._tasks[key], listed=False)

    def _keep(self, tasks: Iterable[Task], media: Iterable[Media]) -> None:
        self._tasks.update((task.id, task) for task in tasks)
        self._media.update((one.id, one) for one in media)


@cache
def _fixed() -> tuple[dict[str, Task], dict[str, Media]]:
    """The tasks that stand still. Edge cases and vendor examples win where an id should coincide."""
    rng = Random(20240522)
    tasks: dict[str, Task] = {}
    media: dict[str, Media] = {}
    for index in range(ORDINARY):
        created = round(FIRST + (LAST - FIRST) * (index + rng.random()) / ORDINARY, 3)
        task, pictures = make(rng, created, rng.choice(BATCHES))
        fate = rng.random()
        if fate < 0.04:
            task = ended(task, "failed", {"reason": "out of memory on the runner"})
        elif fate < 0.07:
            task = ended(task, "cancelled", {"reason": "cancelled by the user"})
        tasks[task.id] = task
        if task.status == "completed":
            media.update((one.id, one) for one in pictures)
    odd = edge_cases()
    tasks.update((task.id, task) for task in [*odd.tasks.values(), *vendor_examples.tasks()])
    media.update((one.id, one) for one in [*odd.task_media, *odd.media.values(), *vendor_examples.media()])
    return tasks, media
