"""Midjourney's world, which new-api and midjourney-proxy both look at: more than 700 tasks.

Most are fixed, spread over the months that PixAI's are from; a few move with the clock from the
moment of the start. Tests may insert, finish and delete tasks while somebody walks the lists.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from random import Random
from typing import Any

from sandbox.midjourney.factory import failed, make
from sandbox.midjourney.fixed import fixed
from sandbox.midjourney.records import Art, Task
from sandbox.schedule import Schedule

# id -> (seconds it waits, seconds it runs, how it ends)
MOVING = {
    "1900000000000101": (0, 5, "SUCCESS"),
    "1900000000000102": (2, 8, "SUCCESS"),
    "1900000000000103": (5, 5, "FAILURE"),
    "1900000000000104": (10, 30, "SUCCESS"),
    "1900000000000105": (30, 60, "SUCCESS"),
    "1900000000000106": (60, 600, "SUCCESS"),
}


class World:
    """What one start of the sandbox holds. clock: epoch seconds.

    Tasks are numbered by `Task.row`, which is the order of their submits, and are addressed by it: a failed
    submit has no id.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._rng = Random(2024)
        self._last = 0
        self._tasks: dict[int, Task] = {}
        self._rows: dict[str, int] = {}
        self._jobs: dict[str, int] = {}
        started = round(clock() * 1000)
        moving = [self._moving(key, started) for key in MOVING]
        for task in sorted([*fixed(), *moving], key=lambda task: task.submit):
            self._add(task)

    def __iter__(self) -> Iterator[Task]:
        """Every task as it is now, by row, oldest first."""
        now = self._clock()
        return iter([task.at(now) for task in self._tasks.values()])

    def task(self, key: str | int) -> Task | None:
        """As it is now; key: its id or its row; None where there is none."""
        task = self._tasks.get(self._row(key))
        return None if task is None else task.at(self._clock())

    def art(self, job: str) -> Art | None:
        """The pictures of a job; None where there is none."""
        task = self._tasks.get(self._jobs.get(job, 0))
        return None if task is None else task.art

    def insert(
        self,
        submit: int | None = None,
        action: str = "IMAGINE",
        source: Task | None = None,
        given: str | None = None,
        **changes: Any,
    ) -> Task:
        """A new task, the last by row. submit: epoch ms; None: now. changes: fields of `Task`.

        source: the task whose picture it continues. given: its prompt; None: one of many.

        It is successful; with a `schedule`, or a `status` and the fields that go with it, it is otherwise.
        A submit before the last row's makes a list whose order is not that of time.
        """
        when = round(self._clock() * 1000) if submit is None else submit
        taken = iter(range(1000))
        schedule = changes.pop("schedule", None)
        task = make(self._rng, when, next(taken), action, source, schedule, given)
        while "id" not in changes and task.id in self._rows:
            task = replace(task, id=f"{when}{next(taken):03}")
        return self._add(replace(task, **changes))

    def begin(self, key: str, schedule: Schedule, given: str | None, mask: str) -> Task:
        """A task that waited for a confirmation is queued. Raises KeyError where there is none."""
        old = self._tasks[self._rows[key]]
        text = old.prompt if given is None else given
        made = make(self._rng, old.submit, 0, old.action, self.task(old.parent), schedule, text)
        kept = {
            name: getattr(old, name) for name in ("id", "row", "user", "state", "parent", "custom_id", "hook")
        }
        self._keep(replace(made, mask=mask, **kept))
        return self._tasks[old.row]

    def end(self, key: str, status: str, reason: str, description: str) -> Task:
        """It ends now without a result. Raises KeyError where there is none."""
        old = self._tasks[self._rows[key]].at(self._clock())
        ended = replace(failed(old, reason), status=status, description=description, schedule=None)
        self._keep(replace(ended, finish=round(self._clock() * 1000)))
        return self._tasks[old.row]

    def replace(self, task: Task) -> None:
        """Put this in the place of the task with the same row."""
        self._keep(task)

    def record(self, row: int) -> Task | None:
        """As it will end; None where there is none."""
        return self._tasks.get(row)

    def moving(self) -> list[Task]:
        """The tasks that have a schedule, as they will end."""
        return [task for task in self._tasks.values() if task.schedule is not None]

    def finish(self, key: str | int) -> Task:
        """It succeeds now. key: id or row. Raises KeyError where there is none."""
        row = self._row(key)
        old = self._tasks[row]
        whole = make(self._rng, old.submit, 0, old.action)
        changes: dict[str, Any] = {
            "status": "SUCCESS",
            "progress": "100%",
            "schedule": None,
            "fail_reason": "",
        }
        changes |= {"in_row": {}, "in_task": {}}
        done = replace(
            old,
            start=old.start or old.submit,
            finish=round(self._clock() * 1000),
            art=old.art or whole.art,
            buttons=old.buttons or whole.buttons,
            **changes,
        )
        self._keep(done)
        return done

    def delete(self, key: str | int) -> None:
        """Neither server knows it any more. key: id or row. Raises KeyError where there is none."""
        task = self._tasks.pop(self._row(key))
        self._rows.pop(task.id, None)
        if task.art is not None:
            self._jobs.pop(task.art.job, None)

    def clear(self) -> None:
        """An empty world; rows go on counting."""
        self._tasks.clear()
        self._rows.clear()
        self._jobs.clear()

    def learn_seed(self, key: str) -> None:
        """Its seed has been requested: from now on the task contains it."""
        self._keep(replace(self._tasks[self._row(key)], seed_known=True))

    def _row(self, key: str | int) -> int:
        return key if isinstance(key, int) else self._rows.get(key, 0)

    def _add(self, task: Task) -> Task:
        self._last += 1
        numbered = replace(task, row=self._last)
        self._keep(numbered)
        return numbered

    def _keep(self, task: Task) -> None:
        self._tasks[task.row] = task
        if task.id:
            self._rows[task.id] = task.row
        if task.art is not None:
            self._jobs[task.art.job] = task.row

    def _moving(self, key: str, submit: int) -> Task:
        waits, runs, status = MOVING[key]
        task = replace(make(self._rng, submit, 0, schedule=Schedule(submit / 1000, waits, runs)), id=key)
        return task if status == "SUCCESS" else failed(task, "Job timed out")
