"""Changes to an ordinary task that make it an edge case."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sandbox.pixai.factory import ended
from sandbox.pixai.records import Json, Task, epoch, iso

Change = Callable[[Task], Task]


def outputs(task: Task, *without: str, **changes: object) -> Task:
    """With these outputs changed and those left out."""
    kept = {key: value for key, value in (task.outputs or {}).items() if key not in without}
    return replace(task, outputs=kept | changes)


def out(*without: str, **changes: object) -> Change:
    """Outputs changed or left out."""
    return lambda task: outputs(task, *without, **changes)


def record(**changes: Any) -> Change:
    """Fields of the record changed."""
    return lambda task: replace(task, **changes)


def parameter(**changes: object) -> Change:
    """Parameters changed, and no seed in the outputs, so that a seed among them counts."""
    return lambda task: replace(outputs(task, "seed"), parameters=(task.parameters or {}) | changes)


def end(status: str, outputs: Json | None) -> Change:
    """Ended like this, without results."""
    return lambda task: ended(task, status, outputs)


def detail_seed(seed: object) -> Change:
    """The seed only in `detailParameters`."""

    def change(task: Task) -> Task:
        details = (task.outputs or {})["detailParameters"]
        return outputs(task, "seed", detailParameters=details | {"seed": seed})

    return change


def batch(*seeds: object) -> Change:
    """Seeds of the batch, in order; None: the entry has no seed."""

    def change(task: Task) -> Task:
        entries = [
            {**one, "seed": seed} for one, seed in zip((task.outputs or {})["batch"], seeds, strict=True)
        ]
        return outputs(task, batch=[{k: v for k, v in one.items() if v is not None} for one in entries])

    return change


def batch_entries(change: Callable[[list[Json]], list[Json]]) -> Change:
    """The entries of the batch changed."""
    return lambda task: outputs(task, batch=change((task.outputs or {})["batch"]))


def web_batch(task: Task) -> Task:
    """As the web application's tasks: ids only."""
    return outputs(task, "batch", batchMediaIds=task.media_ids())


def dates(write: Callable[[str], str]) -> Change:
    """The four dates of a completed task, written another way."""

    def change(task: Task) -> Task:
        return replace(
            task,
            created_at=write(task.created_at),
            updated_at=write(task.updated_at),
            started_at=write(task.started_at or ""),
            end_at=write(task.end_at or ""),
        )

    return change


def in_tokyo(text: str) -> str:
    """`…Z` -> the same instant as `…+09:00`."""
    return iso(epoch(text) + 9 * 3600).replace("Z", "+09:00")
