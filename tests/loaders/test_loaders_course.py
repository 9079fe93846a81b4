"""One task's course, from whole tasks and parts of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from loaders.course import Course, Part, Update
from loaders.errors import Fault
from loaders.records import Provider, TaskRecord, TaskStatus

TASK = TaskRecord(
    id="task:meshy:1",
    provider=Provider.MESHY,
    provider_id="1",
    key="1",
    status=TaskStatus.QUEUED,
    provider_status="PENDING",
    is_terminal=False,
    queue_position=3,
    prompt="a heron",
)
RUNNING = replace(
    TASK, status=TaskStatus.RUNNING, provider_status="IN_PROGRESS", progress=40, queue_position=None
)
DONE = replace(
    RUNNING, status=TaskStatus.SUCCEEDED, provider_status="SUCCEEDED", progress=100, is_terminal=True
)
FAILED = replace(RUNNING, status=TaskStatus.FAILED, provider_status="FAILED", progress=0, is_terminal=True)
MODAL = replace(TASK, status=TaskStatus.ACTION_REQUIRED, is_terminal=True)
AT_60 = Part(TaskStatus.RUNNING, "IN_PROGRESS", 60)
ERROR = Fault("Meshy failed", provider=Provider.MESHY)


def said(*steps: TaskRecord | Part | str | Fault) -> list[Update]:
    """What a course answers to these, in order; what it keeps to itself is left out."""
    course = Course()
    found = []
    for step in steps:
        match step:
            case TaskRecord():
                found.append(course.whole(step))
            case Part():
                found.append(course.part(step))
            case Fault():
                found.append(course.failed(step))
            case _:
                found.append(course.absent())
    return [update for update in found if update is not None]


def of(task: TaskRecord, *, is_last: bool = False) -> Update:
    return Update(task=task, is_last=is_last)


COURSES: dict[str, tuple[list[TaskRecord | Part | str | Fault], list[Update]]] = {
    "what does not change is said once": ([TASK, TASK, replace(TASK, raw={"a": 1})], [of(TASK)]),
    "a part is merged into the last whole task": (
        [TASK, AT_60],
        [of(TASK), of(replace(RUNNING, progress=60))],
    ),
    "a part that came first is merged into the first whole task": (
        [AT_60, TASK],
        [of(replace(RUNNING, progress=60))],
    ),
    "a part without progress keeps what is known": (
        [RUNNING, Part(TaskStatus.RUNNING, "IN_PROGRESS")],
        [of(RUNNING)],
    ),
    "progress never falls": ([RUNNING, AT_60, RUNNING], [of(RUNNING), of(replace(RUNNING, progress=60))]),
    "nor does the status": ([RUNNING, TASK], [of(RUNNING)]),
    "an end with less progress keeps it": (
        [RUNNING, FAILED],
        [of(RUNNING), of(replace(FAILED, progress=40), is_last=True)],
    ),
    "nothing follows an end": ([DONE, DONE, RUNNING, AT_60, "absent", ERROR], [of(DONE, is_last=True)]),
    "an end beats a part that came first": ([AT_60, DONE], [of(DONE, is_last=True)]),
    "what waits for a person goes on, and begins anew": (
        [RUNNING, MODAL, TASK, DONE],
        [of(RUNNING), of(MODAL), of(TASK), of(DONE, is_last=True)],
    ),
    "absent from the start": (["absent", TASK], [Update(is_last=True)]),
    "absent later": ([TASK, "absent"], [of(TASK), Update(is_deleted=True, is_last=True)]),
    "failed": ([TASK, ERROR, DONE], [of(TASK), Update(error=ERROR, is_last=True)]),
}


@pytest.mark.parametrize(("steps", "updates"), COURSES.values(), ids=COURSES)
def test_a_course(steps: list[TaskRecord | Part | str | Fault], updates: list[Update]) -> None:
    """Each step, and what is new by it."""
    assert said(*steps) == updates
