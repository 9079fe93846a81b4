"""What Meshy stores: tasks, whose JSON differs from one to the next in what it leaves out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sandbox.schedule import Schedule

Json = dict[str, Any]

IMAGE = "image-to-image"
TEXT = "text-to-image"
RESOURCES = (IMAGE, TEXT)
PENDING = "PENDING"
IN_PROGRESS = "IN_PROGRESS"


@dataclass(frozen=True, slots=True)
class Picture:
    """A file of a task. name: "image.png"; signed: whether its URL carries an expiry that is checked."""

    name: str
    signed: bool = True


@dataclass(frozen=True, slots=True)
class Task:
    """A generation.

    body: the fields as they are sent, except that `image_urls` holds Pictures where URLs are sent.
    schedule: None: it stands still.
    """

    id: str
    resource: str
    body: Json
    schedule: Schedule | None = None

    @property
    def status(self) -> object:
        """As it is sent."""
        return self.body.get("status")

    @property
    def place(self) -> tuple[int, str]:
        """What lists are sorted by: `created_at`, an unset one as 0; among equal ones the id."""
        return self.body.get("created_at") or 0, self.id

    def pictures(self) -> list[Picture]:
        """Its files."""
        return [one for one in self.body.get("image_urls") or [] if isinstance(one, Picture)]

    def at(self, now: float) -> Task:
        """As it is at this instant: what has not happened yet is 0."""
        share = 1.0 if self.schedule is None else self.schedule.share(now)
        if self.schedule is None or share >= 1:
            return self
        unfinished: Json = {
            "finished_at": 0,
            "expires_at": 0,
            "image_urls": [],
            "task_error": {"message": ""},
        }
        if share < 0:
            ahead = 1 + int((self.schedule.starts - now) // 2)
            waiting = {"status": PENDING, "progress": 0, "started_at": 0, "preceding_tasks": ahead}
            return replace(self, body=self.body | unfinished | waiting)
        running = {"status": IN_PROGRESS, "progress": int(100 * share)}
        return replace(self, body=self.body | unfinished | running)


def milliseconds(seconds: float) -> int:
    """As every time is sent."""
    return round(seconds * 1000)


def epoch(text: str) -> float:
    """`2024-05-20T00:00:00Z` -> epoch seconds."""
    return datetime.fromisoformat(text).timestamp()
