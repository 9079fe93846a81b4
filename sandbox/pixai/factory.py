"""Making whole tasks with their media: what a generator would have done."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from sandbox.pixai.prompts import details, parameters
from sandbox.pixai.records import Json, Life, Media, Task, iso
from sandbox.pixai.snowflakes import media_id, task_id

MAX_SEED = 2**53 - 1


def make(
    rng: Random, created: float, batch: int, given: Json | None = None, life: Life | None = None
) -> tuple[Task, list[Media]]:
    """A completed task and its media, in the order of the batch, the cover first.

    batch: how many pictures; 1 makes the single form of outputs. given: parameters; None: varied ones.
    """
    asked = parameters(rng, batch) if given is None else given
    started = created + (life.waits if life else rng.uniform(0.1, 2.5))
    ended = started + (life.runs if life else rng.uniform(1.2, 4.0) * (1 + batch / 4))
    width, height = _side(asked, "width"), _side(asked, "height")
    kind = rng.choice(("image/webp", "image/webp", "image/png", "image/jpeg"))
    since = ended if life else 0
    ids = [media_id(ended, rng.getrandbits(16))]
    if batch > 1:
        first = int(media_id(ended, rng.getrandbits(16) | 1 << 20))
        ids += [str(first + index) for index in range(batch)]
    outputs: Json = {
        "duration": round(ended - started, 2),
        "detailParameters": details(asked),
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
        parameters=asked,
        outputs=outputs,
        created_at=iso(created),
        updated_at=iso(ended),
        started_at=iso(started),
        end_at=iso(ended),
        cover=ids[0],
        life=life,
    )
    return task, [Media(one, width, height, image_type=kind, since=since) for one in ids]


def _side(parameters: Json, name: str) -> int:
    asked = parameters.get(name)
    return asked if isinstance(asked, int) and 64 <= asked <= 4096 else 512


def ended(task: Task, status: str, outputs: Json | None) -> Task:
    """The same task without results."""
    return replace(task, status=status, outputs=outputs, cover=None)


def queued(task: Task) -> Task:
    """The same task, waiting for ever."""
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
    """The same task, running for ever."""
    return replace(
        task, status="running", outputs=None, cover=None, end_at=None, updated_at=task.started_at or ""
    )
