"""Making whole tasks with their media: what a generator would have done."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from sandbox.pixai.prompts import details, parameters
from sandbox.pixai.records import Json, Media, Task, iso
from sandbox.pixai.snowflakes import media_id, task_id
from sandbox.schedule import Schedule

MAX_SEED = 2**53 - 1


def make(
    rng: Random, created: float, batch: int, given: Json | None = None, schedule: Schedule | None = None
) -> tuple[Task, list[Media]]:
    """A completed task and its media, in the order of the batch, the cover first.

    batch: how many pictures; 1 makes the single form of outputs. given: parameters; None: varied ones.
    schedule: None: it ended long ago.
    """
    chosen = parameters(rng, batch) if given is None else given
    started = schedule.starts if schedule else created + rng.uniform(0.1, 2.5)
    ended = schedule.ends if schedule else started + rng.uniform(1.2, 4.0) * (1 + batch / 4)
    width, height = _side(chosen, "width"), _side(chosen, "height")
    kind = rng.choice(("image/webp", "image/webp", "image/png", "image/jpeg"))
    since = ended if schedule else 0
    ids = [media_id(ended, rng.getrandbits(16))]
    if batch > 1:
        first = int(media_id(ended, rng.getrandbits(16) | 1 << 20))
        ids += [str(first + index) for index in range(batch)]
    outputs: Json = {
        "duration": round(ended - started, 2),
        "detailParameters": details(chosen),
        "mediaId": ids[0],
        "extra": {},
    }
    if batch > 1:
        outputs["batch"] = [
            {"seed": rng.randint(0, MAX_SEED), "mediaId": one, "extra": {}} for one in ids[1:]
        ]
    elif rng.random() < 0.7:
        outputs["seed"] = rng.randint(0, MAX_SEED)
    task = Task(
        id=task_id(created, rng.getrandbits(22)),
        created=created,
        status="completed",
        parameters=chosen,
        outputs=outputs,
        created_at=iso(created),
        updated_at=iso(ended),
        started_at=iso(started),
        end_at=iso(ended),
        cover=ids[0],
        schedule=schedule,
    )
    return task, [Media(one, width, height, image_type=kind, since=since) for one in ids]


def _side(parameters: Json, name: str) -> int:
    value = parameters.get(name)
    return value if isinstance(value, int) and 64 <= value <= 4096 else 512


def ended(task: Task, status: str, outputs: Json | None) -> Task:
    """The same task without results."""
    return replace(task, status=status, outputs=outputs, cover=None)


def queued(task: Task) -> Task:
    """The same task, which waits forever."""
    return replace(
        task,
        status="waiting",
        outputs=None,
        cover=None,
        started_at=None,
        end_at=None,
        updated_at=task.created_at,
    )


def running(task: Task) -> Task:
    """The same task, which runs forever."""
    return replace(
        task, status="running", outputs=None, cover=None, end_at=None, updated_at=task.started_at or ""
    )
