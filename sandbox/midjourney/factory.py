"""Making whole tasks: what Midjourney would have done."""

from __future__ import annotations

import re
from dataclasses import replace
from random import Random
from uuid import UUID

from sandbox.midjourney import buttons, painting, prompts
from sandbox.midjourney.records import Art, Task
from sandbox.schedule import Schedule

SINGLE = ("UPSCALE", "UPSCALE_HD", "DESCRIBE", "SHORTEN", "SWAP_FACE", "UPLOAD")
MOVING = ("VIDEO", "VIDEO_EXTEND")
DISCORD_EPOCH = 1_420_070_400_000  # epoch ms from which Discord's ids count
GUILD = "1300842274347028520"
QUOTA = {"IMAGINE": 50_000, "UPSCALE": 25_000, "DESCRIBE": 10_000, "VIDEO": 400_000}


def make(
    rng: Random,
    submit: int,
    digits: int,
    action: str = "IMAGINE",
    parent: Task | None = None,
    schedule: Schedule | None = None,
    given: str | None = None,
) -> Task:
    """A successful task. submit: epoch ms; digits: 0-999, the end of its id.

    parent: the task whose button made it. schedule: None: it ended long ago. given: the prompt; None: one of
    many, or the parent's.
    """
    text, size = prompts.prompt(rng)
    if parent is not None:
        text, size = parent.prompt, (parent.art.width, parent.art.height) if parent.art else size
    if given is not None:
        text, size = given, prompts.size_of(given) or size
    pace = schedule or Schedule(submit / 1000, rng.uniform(0.4, 3), rng.uniform(14, 70))
    start = round(1000 * pace.starts) if schedule else submit + round(1000 * pace.waits)
    finish = start + round(1000 * pace.runs)
    art = _art(rng, finish, text, size, action)
    if parent is not None and parent.art is not None and len(art.seeds) == 1:
        art = replace(art, seeds=(rng.choice(parent.art.seeds),))
    return Task(
        id=f"{submit}{digits:03}",
        submit=submit,
        action=action,
        start=start,
        finish=finish,
        quota=QUOTA.get(action, 50_000),
        prompt="" if action == "DESCRIBE" else text,
        final_prompt=prompts.described(rng) if action == "DESCRIBE" else text,
        buttons=offered(art),
        art=art,
        seed=prompts.seed_of(text) or str(rng.getrandbits(32)),
        schedule=schedule,
    )


def offered(art: Art) -> tuple[dict[str, object], ...]:
    """The buttons that go with what is shown."""
    if art.videos:
        return buttons.video(art.job)
    return buttons.grid(art.job) if len(art.seeds) > 1 else buttons.single(art.job)


def failed(task: Task, reason: str) -> Task:
    """The same task without results. Its progress is empty, as midjourney-proxy leaves it."""
    return replace(task, status="FAILURE", progress="", fail_reason=reason, buttons=(), art=None)


def refused(task: Task, code: int, reason: str) -> Task:
    """The same submit, not accepted: a row of new-api without an id, and nothing at midjourney-proxy."""
    row = failed(replace(task, id="", code=code, description=reason, quota=0, start=0, proxied=False), reason)
    return replace(row, finish=task.submit)


def running(task: Task, progress: str | None, *, preview: bool) -> Task:
    """The same task, which runs forever."""
    art = task.art if preview else None
    return replace(task, status="IN_PROGRESS", progress=progress, finish=0, buttons=(), art=art)


def _art(rng: Random, finish: int, text: str, size: tuple[int, int], action: str) -> Art:
    words = re.findall(r"[a-z]+", text.partition(" --")[0])
    count = 1 if action in SINGLE or action in MOVING else 4
    return Art(
        job=str(UUID(int=rng.getrandbits(128), version=4)),
        name="_".join(["sandbox", *words])[:60],
        channel=GUILD,
        message=str((finish - DISCORD_EPOCH) << 22 | rng.getrandbits(22)),
        seeds=painting.variations(rng, count),
        width=size[0],
        height=size[1],
        singles=count == 4 and rng.random() < 0.4,
        videos=rng.choice((1, 4)) if action in MOVING else 0,
    )
