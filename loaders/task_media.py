"""Media that have no entry of their own: they are read from their task (Meshy, Midjourney).

image-to-image:018a…:0 , image-to-image:018a…:1  ->  one look-up of image-to-image:018a…
"""

from __future__ import annotations

from collections.abc import Iterable

from loaders.account import Reader
from loaders.budget import Budget
from loaders.cache import Kept
from loaders.errors import TriptychError
from loaders.outcome import Outcomes
from loaders.records import MediaRecord, TaskRecord


class TaskMedia(Reader[MediaRecord]):
    """Media by key, each from its task; the tasks' own cache is the only one."""

    def __init__(self, tasks: Reader[TaskRecord]) -> None:
        self._tasks = tasks

    async def get(self, keys: Iterable[str], budget: Budget) -> Outcomes[MediaRecord]:
        """Each medium, or the error of its task; one that its task does not have is absent."""
        wanted = list(keys)
        owners = await self._tasks.get(dict.fromkeys(filter(None, map(task_key, wanted))), budget)
        found: Outcomes[MediaRecord] = {}
        for key in wanted:
            owner = owners.get(task_key(key))
            if isinstance(owner, TriptychError):
                found[key] = owner
            elif owner is not None and (picture := _picture(owner, key)) is not None:
                found[key] = picture
        return found

    def kept(self, key: str, /) -> Kept[MediaRecord] | None:
        """From a task that is kept; it lives as long."""
        owner = self._tasks.kept(task_key(key))
        picture = None if owner is None else _picture(owner.value, key)
        return None if owner is None or picture is None else Kept(picture, owner.life)

    def hit(self, keys: int, /) -> None:
        """They were tasks."""
        self._tasks.hit(keys)

    def invalidate(self, key: str) -> None:
        """Forget its task."""
        self._tasks.invalidate(task_key(key))

    async def close(self) -> None:
        """Nothing is held here."""


def task_key(media_key: str) -> str:
    """The task's key in front of a medium's index; "" where there is none."""
    return media_key.rpartition(":")[0]


def _picture(owner: TaskRecord, key: str) -> MediaRecord | None:
    known = (*owner.media, *([owner.cover] if owner.cover is not None else []))
    return next((picture for picture in known if picture.key == key), None)
