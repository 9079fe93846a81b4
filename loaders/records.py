"""What every source's answers become: plain, not to be changed, spelled as the graph spells it.

A GraphQL type is a view of one of these records: every field that needs no further call is an
attribute here under the same name, so showing it costs one attribute look-up. Raw JSON ends here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol, TypeAlias

from loaders.record import record

JSON: TypeAlias = "Mapping[str, JSON] | Sequence[JSON] | str | int | float | bool | None"


class Provider(StrEnum):
    """A generator."""

    PIXAI = "PIXAI"
    MESHY = "MESHY"
    MIDJOURNEY = "MIDJOURNEY"

    @property
    def label(self) -> str:
        """As people write it."""
        return {"PIXAI": "PixAI", "MESHY": "Meshy", "MIDJOURNEY": "Midjourney"}[self.value]


class TaskStatus(StrEnum):
    """Where a generation stands, whoever runs it."""

    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    ACTION_REQUIRED = "ACTION_REQUIRED"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    CANCELED = "CANCELED"
    UNKNOWN = "UNKNOWN"


class MediaKind(StrEnum):
    """A still or a moving picture."""

    IMAGE = "IMAGE"
    VIDEO = "VIDEO"


class MediaVariant(StrEnum):
    """A size of the same picture, the largest first."""

    PUBLIC = "PUBLIC"
    THUMBNAIL = "THUMBNAIL"
    STILL_THUMBNAIL = "STILL_THUMBNAIL"


class SeedOrigin(StrEnum):
    """Where a seed was read from, the surest first."""

    REPORTED = "REPORTED"
    PARAMETER = "PARAMETER"
    PROMPT = "PROMPT"
    IMAGE_SEED = "IMAGE_SEED"


class CostUnit(StrEnum):
    """What a source counts in."""

    CREDITS = "CREDITS"
    QUOTA = "QUOTA"


class Capability(StrEnum):
    """Something that a configured source can do."""

    GET_TASK = "GET_TASK"
    GET_TASKS_BATCH = "GET_TASKS_BATCH"
    LIST_TASKS = "LIST_TASKS"
    LIST_ALL_TASKS = "LIST_ALL_TASKS"
    GET_MEDIA = "GET_MEDIA"
    GET_SEED = "GET_SEED"
    CREATE = "CREATE"
    CANCEL = "CANCEL"
    DELETE = "DELETE"
    RERUN = "RERUN"
    ACT = "ACT"
    UPLOAD = "UPLOAD"
    WATCH = "WATCH"


class Unread:
    """A record may leave fields out until the first of them is wanted (loaders.partly)."""

    __slots__ = ("_unread",)
    _unread: Callable[[Any], None]

    def __getattr__(self, name: str) -> Any:
        """What Python asks for a field that is not filled in."""
        if name == "_unread" or name not in type(self).__dataclass_fields__:  # type: ignore[attr-defined]
            raise AttributeError(name)
        self._unread(self)
        return getattr(self, name)


@record
class MediaUrl(Unread):
    """One address of a picture. expires_at: None where the address does not say."""

    variant: MediaVariant
    url: str
    expires_at: datetime | None = None


@record
class MediaDetails:
    """What only the picture's own entry contains. width, height: pixels; None where unknown.

    shape: width / height where it is known without the pixels (Midjourney's `--ar`).
    """

    kind: MediaKind | None = None
    width: int | None = None
    height: int | None = None
    content_type: str | None = None
    urls: tuple[MediaUrl, ...] = ()
    shape: float | None = None

    @property
    def aspect_ratio(self) -> float | None:
        """Width / height; None where it is not known."""
        return self.width / self.height if self.width and self.height else self.shape


@record
class MediaRecord:
    """A picture: its ids, and its details where they are already known.

    key: what its source's loader takes (`459604023097100648`, `image-to-image:018a…:0`, `173…:1`).
    task_key: its task's key at the same source; None where the task is not known.
    details: None where they need another call (PixAI pictures seen through their task).
    """

    id: str
    provider: Provider
    provider_id: str
    key: str
    task_key: str | None = None
    details: MediaDetails | None = None


@record
class SeedRecord:
    """The number that a picture was grown from, exact. media: the pictures it belongs to."""

    id: str
    provider: Provider
    value: int
    origin: SeedOrigin
    task_key: str
    media: tuple[MediaRecord, ...] = ()


@record
class TaskFailure:
    """Why a generation failed. code: the source's own; retryable: None where it does not say."""

    message: str
    code: str | None = None
    retryable: bool | None = None


@record
class Cost:
    """What a generation took: PixAI's and Meshy's credits, new-api's quota units (500000 = $1)."""

    amount: int
    unit: CostUnit


@record
class TaskAction:
    """A button under a Midjourney picture. id: its customId."""

    id: str
    label: str | None = None
    emoji: str | None = None
    style: int | None = None
    type: int | None = None


@record
class TaskRecord(Unread):
    """One generation. Every None means: this source does not report it, or not yet.

    key: what its source's loader takes (`1749902216266450789`, `image-to-image:018a…`, `173…`).
    provider_status: as sent, "" where it was empty. progress: percent 0-100. duration: seconds.
    media: results only, in the source's order. raw: what the source sent.
    seeds: None where a call of its own has to ask for them (Midjourney).
    """

    id: str
    provider: Provider
    provider_id: str
    key: str
    status: TaskStatus
    provider_status: str
    is_terminal: bool
    progress: int | None = None
    operation: str | None = None
    model: str | None = None
    prompt: str | None = None
    prompt_english: str | None = None
    negative_prompt: str | None = None
    description: str | None = None
    created_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    updated_at: datetime | None = None
    expires_at: datetime | None = None
    duration: float | None = None
    queue_position: int | None = None
    media: tuple[MediaRecord, ...] = ()
    cover: MediaRecord | None = None
    preview: str | None = None
    seeds: tuple[SeedRecord, ...] | None = ()
    failure: TaskFailure | None = None
    cost: Cost | None = None
    actions: tuple[TaskAction, ...] = ()
    owner_id: str | None = None
    channel_id: str | None = None
    state: str | None = None
    bot_type: str | None = None
    parameters: JSON = None
    raw: JSON = None


class SeedAnswer(Protocol):
    """What a source answered when a task's seeds were requested."""

    def seeds(self, task: TaskRecord) -> tuple[SeedRecord, ...]:
        """The seeds of that task's pictures; () where none is known. Raises the SourceError that it holds."""
        ...
