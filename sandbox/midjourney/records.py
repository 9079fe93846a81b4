"""What a Midjourney account has made: tasks and their pictures, before any server gives them a shape."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from sandbox.schedule import Schedule

Json = dict[str, Any]

USER = 7  # new-api's id of the user whom `box.newapi.key` belongs to
SUBMITTED = "Submit success"
Seeding = Literal["text", "number", "task", "empty", "missing", "failed"]


@dataclass(frozen=True, slots=True)
class Art:
    """What a task shows.

    job: the UUID in its file names and buttons. seeds: of the painter, one a picture; four make a grid.
    width, height: pixels of the whole. singles: the proxy lists the four apart. videos: how many there are.
    gone: the task still has the URL, but the file is not there.
    """

    job: str
    name: str
    channel: str
    message: str
    seeds: tuple[int, ...]
    width: int
    height: int
    singles: bool = False
    videos: int = 0
    gone: bool = False

    @property
    def path(self) -> str:
        """Of the result, on Discord's file server."""
        return f"/attachments/{self.channel}/{self.message}/{self.name}_{self.job}.png"

    @property
    def preview(self) -> str:
        """Of the blurred picture that is shown while it is being made."""
        return f"/attachments/{self.channel}/{int(self.message) - (9 << 22)}/{self.job}_grid_0.webp"


@dataclass(frozen=True, slots=True)
class Task:
    """One generation, as both servers know it.

    id: 16 digits, epoch ms and three more; "" for a failed submit. row: its number at new-api, 0 until the
    world numbers it. submit, start, finish: epoch ms; 0: not yet. progress: None before it starts.
    listed: new-api has a row. proxied: midjourney-proxy knows it.
    in_row, in_task: values that a row of new-api, an object of midjourney-proxy has instead of the usual;
    a function makes one of the usual row.
    parent, custom_id: the task and its button that started this one. hook: the URL that its creator gave for
    its changes. mask: of an inpainting, a data URI.
    """

    id: str
    submit: int
    action: str = "IMAGINE"
    status: str = "SUCCESS"
    start: int = 0
    finish: int = 0
    row: int = 0
    user: int = USER
    channel: int = 1
    code: int = 1
    quota: int = 50_000
    prompt: str = ""
    final_prompt: str = ""
    description: str = SUBMITTED
    state: str = ""
    progress: str | None = "100%"
    fail_reason: str = ""
    buttons: tuple[Json, ...] = ()
    art: Art | None = None
    seed: str = "0"
    seeding: Seeding = "text"
    seed_delay: float = 0  # seconds that image-seed takes
    seed_known: bool = False  # requested before, so that the task itself contains it
    listed: bool = True
    proxied: bool = True
    in_row: Mapping[str, Any] = field(default_factory=dict)
    in_task: Mapping[str, Any] = field(default_factory=dict)
    schedule: Schedule | None = None
    parent: str = ""
    custom_id: str = ""
    hook: str = ""
    mask: str = ""

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.status not in ("", "NOT_START", "SUBMITTED", "IN_PROGRESS", "MODAL")

    def at(self, now: float) -> Task:
        """As it is at this instant, in epoch seconds."""
        done = 1.0 if self.schedule is None else self.schedule.share(now)
        if done >= 1:
            return self
        if done >= 0:
            # 20% of a run is 19.9999 of epoch seconds, which are exact to 0.2 µs
            running = replace(self, status="IN_PROGRESS", progress=f"{int(done * 100 + 1e-4)}%")
            early = running.art if done >= 0.2 else None
            return replace(running, finish=0, fail_reason="", buttons=(), art=early)
        halfway = self.schedule is not None and now >= self.schedule.begins + self.schedule.waits / 2
        status = "SUBMITTED" if halfway else "NOT_START"
        return replace(queued(self), status=status)


def queued(task: Task) -> Task:
    """The same task before it starts."""
    unset: Json = {"start": 0, "finish": 0, "progress": None, "fail_reason": "", "buttons": (), "art": None}
    return replace(task, status="NOT_START", **unset)
