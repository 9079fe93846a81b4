"""Meshy's world: more than 500 tasks, the same every time.

Most are fixed, spread over the same eight months as PixAI's; a few move with the clock from the moment of
the start.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from random import Random

from sandbox.meshy import vendor_examples
from sandbox.meshy.edge_cases import edge_cases
from sandbox.meshy.factory import ERRORS, MODERATED, canceled, failed, make, task_for
from sandbox.meshy.records import IMAGE, TEXT, Task, epoch
from sandbox.moderation import banned_word
from sandbox.schedule import RUNS, WAITS, Schedule

FIRST = epoch("2024-05-20T00:00:00Z")
LAST = epoch("2025-01-20T00:00:00Z")
ORDINARY = {IMAGE: 330, TEXT: 42}
# instant -> how many image-to-image tasks one script made in it; the longest spans pages of any size
BURSTS = {
    "2024-07-04T09:30:00Z": 12,
    "2024-08-19T21:00:00Z": 23,
    "2024-10-02T06:15:00.250Z": 60,
    "2024-12-11T11:11:11.111Z": 17,
}
CREDITS = 1000

# id -> (resource, seconds it waits, seconds it runs, how it ends)
MOVING = {
    "0194b000-0000-7000-8000-000000000001": (IMAGE, 0, 5, "SUCCEEDED"),
    "0194b000-0000-7000-8000-000000000002": (IMAGE, 4, 8, "SUCCEEDED"),
    "0194b000-0000-7000-8000-000000000003": (IMAGE, 5, 5, "FAILED"),
    "0194b000-0000-7000-8000-000000000004": (IMAGE, 10, 30, "CANCELED"),
    "0194b000-0000-7000-8000-000000000005": (IMAGE, 60, 600, "SUCCEEDED"),
    "0194b000-0000-7000-8000-000000000006": (TEXT, 10, 30, "SUCCEEDED"),
}


class World:
    """What one start of the sandbox holds. started: epoch seconds.

    balance: credits that are left.
    """

    def __init__(self, started: float) -> None:
        self.balance = CREDITS
        self._rng = Random(1692771650)
        self._tasks = {(task.resource, task.id): task for task in _fixed()}
        for key, (resource, waits, runs, status) in MOVING.items():
            task = make(self._rng, resource, started, Schedule(started, waits, runs))
            self._keep(_ending(replace(task, id=key, body=task.body | {"id": key}), status))

    def task(self, resource: str, key: str, now: float) -> Task | None:
        """As it is now; None where this resource has no such id, even if another has."""
        task = self._tasks.get((resource, key))
        return None if task is None else task.at(now)

    def listed(self, resource: str, now: float) -> list[Task]:
        """All tasks of a resource, oldest first; those without a creation time before all others."""
        tasks = (task.at(now) for task in self._tasks.values() if task.resource == resource)
        return sorted(tasks, key=lambda task: task.place)

    def create(self, resource: str, model: str, prompt: str, now: float, *, multi_view: bool) -> Task | None:
        """A new task, which takes ten seconds, and fails where a word of its prompt is banned.

        None where the credits do not suffice.
        """
        task = task_for(
            self._rng, resource, model, prompt, now, Schedule(now, WAITS, RUNS), multi_view=multi_view
        )
        cost: int = task.body["consumed_credits"]
        if cost > self.balance:
            return None
        if banned_word(prompt):
            task = failed(task, MODERATED)
        self.balance -= task.body["consumed_credits"]
        self._keep(task)
        return task.at(now)

    def record(self, resource: str, key: str) -> Task | None:
        """As it will end; None where there is none."""
        return self._tasks.get((resource, key))

    def moving(self) -> list[Task]:
        """The tasks that have a schedule, as they will end."""
        return [task for task in self._tasks.values() if task.schedule is not None]

    def delete(self, resource: str, key: str) -> bool:
        """Permanently; whether there was one."""
        return self._tasks.pop((resource, key), None) is not None

    def _keep(self, task: Task) -> None:
        self._tasks[task.resource, task.id] = task


def _ending(task: Task, status: str) -> Task:
    if status == "FAILED":
        return failed(task, ERRORS[1])
    return canceled(task) if status == "CANCELED" else task


@cache
def _fixed() -> tuple[Task, ...]:
    """The tasks that stand still."""
    rng = Random(20240520)
    tasks: list[Task] = []
    for resource, count in ORDINARY.items():
        for index in range(count):
            created = round(FIRST + (LAST - FIRST) * (index + rng.random()) / count, 3)
            tasks.append(_fated(rng, make(rng, resource, created)))
    for instant, count in BURSTS.items():
        tasks += [_fated(rng, make(rng, IMAGE, epoch(instant))) for _ in range(count)]
    return (*tasks, *edge_cases().values(), vendor_examples.task())


def _fated(rng: Random, task: Task) -> Task:
    fate = rng.random()
    if fate < 0.05:
        return failed(task, rng.choice(ERRORS))
    return canceled(task) if fate < 0.07 else task
