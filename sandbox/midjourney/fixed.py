"""The Midjourney tasks that stand still: ordinary months, edge cases and vendor examples."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from random import Random

from sandbox.midjourney import vendor_examples
from sandbox.midjourney.edge_cases import edge_cases
from sandbox.midjourney.factory import failed, make, refused
from sandbox.midjourney.records import USER, Seeding, Task

ORDINARY = 640
FIRST = 1_716_163_200_000  # 2024-05-20T00:00:00Z, epoch ms
LAST = 1_737_331_200_000  # 2025-01-20T00:00:00Z
# Ordinary tasks, by rank from the oldest, that share the instant of the first of them.
TOGETHER = ((40, 43), (180, 205), (390, 397), (485, 530), (610, 613))
ACTIONS = (
    *("IMAGINE",) * 10,
    *("UPSCALE",) * 6,
    *("VIDEO", "VARIATION", "HIGH_VARIATION", "REROLL", "ZOOM", "PAN", "DESCRIBE", "BLEND"),
)
USERS = (USER,) * 14 + (12, 12, 12, 23, 23, 1)
SEEDINGS: tuple[Seeding, ...] = ("text",) * 7 + ("number", "task", "missing")
REASONS = ("Job timed out", "The prompt was moderated", "Invalid parameter: `--ar 0:0`", "Queue is full")


@cache
def fixed() -> tuple[Task, ...]:
    """The same every time, oldest first."""
    rng = Random(20241103)
    tasks: list[Task] = []
    for index, submit in enumerate(_instants(rng)):
        action = rng.choice(ACTIONS)
        parents = [task for task in tasks[-30:] if task.action == "IMAGINE" and task.art]
        parent = rng.choice(parents) if action in ("UPSCALE", "VIDEO") and parents else None
        made = make(rng, submit, index * 7 % 1000, action, parent)
        made = replace(made, user=rng.choice(USERS), channel=rng.choice((1, 1, 2, 5)))
        seeded = replace(made, seeding=rng.choice(SEEDINGS), seed_known=rng.random() < 0.1)
        tasks.append(_fated(rng, seeded))
    everything = [*tasks, *edge_cases().values(), vendor_examples.pig(), vendor_examples.landscape()]
    return tuple(sorted(everything, key=lambda task: task.submit))


def _instants(rng: Random) -> list[int]:
    step = (LAST - FIRST) / ORDINARY
    instants = [round(FIRST + step * (index + rng.random())) for index in range(ORDINARY)]
    for first, end in TOGETHER:
        instants[first:end] = [instants[first]] * (end - first)
    return instants


def _fated(rng: Random, task: Task) -> Task:
    fate = rng.random()
    if fate < 0.04:
        return failed(task, rng.choice(REASONS))
    if fate < 0.05:
        return replace(failed(task, ""), status="CANCEL")
    return refused(task, 24, "可能包含敏感词") if fate < 0.06 else task
