"""What PixAI stores: tasks and media, and how each looks in its JSON."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Literal

from sandbox.schedule import Schedule

Json = dict[str, Any]

USER = "1541182147551506853"
FILE_KINDS = {"PUBLIC": "orig", "THUMBNAIL": "thumb", "STILL_THUMBNAIL": "stillThumb"}
ALL_VARIANTS = tuple(FILE_KINDS.items())


@dataclass(frozen=True, slots=True)
class Media:
    """A picture or a video.

    urls: (variant, kind of file) pairs; a kind of None is a null url, "" an empty one. None: `urls` is null.
    since: the instant from which it exists, epoch seconds. mine: whether the key may see it.
    content: what was uploaded; None: it is painted. private: as its uploader chose.
    """

    id: str
    width: int | None = 512
    height: int | None = 512
    type: Literal["IMAGE", "VIDEO"] = "IMAGE"
    image_type: str | None = "image/webp"
    urls: tuple[tuple[str | None, str | None], ...] | None = ALL_VARIANTS
    since: float = 0
    mine: bool = True
    content: bytes | None = field(default=None, repr=False)
    private: bool = False


@dataclass(frozen=True, slots=True)
class Task:
    """A generation. created: epoch seconds; the dates: as they are sent. schedule: None: it stands still.

    callback: the URL that its creator gave for its changes.
    """

    id: str
    created: float
    status: str | None
    parameters: Json | None
    outputs: Json | None
    created_at: str
    updated_at: str
    started_at: str | None
    end_at: str | None
    cover: str | None
    user_id: str = USER
    listed: bool = True
    schedule: Schedule | None = None
    callback: str | None = None

    def at(self, now: float) -> Task:
        """As it is at this instant."""
        share = 1.0 if self.schedule is None else self.schedule.share(now)
        if share >= 1:
            return self
        changes: Json = {"status": "running", "updated_at": self.started_at}
        if share < 0:
            changes = {"status": "waiting", "started_at": None, "updated_at": self.created_at}
        return replace(self, outputs=None, end_at=None, cover=None, **changes)

    def wire(self) -> Json:
        """As the fields of `Task` in the schema, without its media."""
        return {
            "id": self.id,
            "userId": self.user_id,
            "parameters": self.parameters,
            "outputs": self.outputs,
            "status": self.status,
            "startedAt": self.started_at,
            "endAt": self.end_at,
            "createdAt": self.created_at,
            "updatedAt": self.updated_at,
        }

    def media_ids(self) -> list[str]:
        """The results: every `batch[].mediaId`, else the outer `mediaId`."""
        outputs = self.outputs or {}
        batch = outputs.get("batch")
        found = [one.get("mediaId") for one in batch] if isinstance(batch, list) else [outputs.get("mediaId")]
        return [one for one in found if one]


def iso(seconds: float) -> str:
    """`2024-05-22T06:16:56.946Z`."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def epoch(text: str) -> float:
    """The inverse of `iso`."""
    return datetime.fromisoformat(text).timestamp()
