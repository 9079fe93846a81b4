"""What the graph must answer, read from the sandbox's worlds and from nothing of Triptych's own.

Only ordinary tasks that have ended: how odd ones are shown is what the tests of the sources say.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from random import Random
from typing import Any
from uuid import UUID

from benchmarks.chaos.judging import OneOf
from sandbox import Sandbox
from sandbox.meshy import edge_cases as meshy_cases
from sandbox.midjourney import edge_cases as midjourney_cases
from sandbox.midjourney.records import Task as MidjourneyTask
from sandbox.pixai import edge_cases as pixai_cases

Json = dict[str, Any]
PROVIDERS = ("PIXAI", "MESHY", "MIDJOURNEY")
STATUSES = {
    **{"completed": "SUCCEEDED", "failed": "FAILED", "cancelled": "CANCELED"},
    **{"SUCCEEDED": "SUCCEEDED", "FAILED": "FAILED", "CANCELED": "CANCELED"},
    **{"SUCCESS": "SUCCEEDED", "FAILURE": "FAILED"},
}


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that has a URL. widths, heights: pixels that may be told; None: that none are."""

    id: str
    widths: tuple[int | None, ...] = (None,)
    heights: tuple[int | None, ...] = (None,)


@dataclass(frozen=True, slots=True)
class Task:
    """A task that has ended. created: ISO 8601. seeds: None where nobody knows them.

    media: ids, as a look-up tells them. listed: as the row of a list does.
    """

    id: str
    provider: str
    status: str
    created: str
    media: tuple[str, ...]
    listed: tuple[str, ...]
    seeds: tuple[str, ...] | None

    def shown(self) -> Json:
        """As a query shows it that asks for these fields."""
        return {
            "id": self.id,
            "provider": self.provider,
            "status": self.status,
            "createdAt": self.created,
            "media": OneOf(tuple([{"id": id_} for id_ in media] for media in (self.media, self.listed))),
        }


class World:
    """All of the box's, by provider."""

    def __init__(self, box: Sandbox) -> None:
        self._box = box
        self._now = box.clock()

    @cached_property
    def tasks(self) -> dict[str, list[Task]]:
        """Ordinary ones."""
        return {
            "PIXAI": list(self._pixai()),
            "MESHY": list(self._meshy()),
            "MIDJOURNEY": list(self._midjourney()),
        }

    @cached_property
    def pictures(self) -> dict[str, list[Picture]]:
        """Of ordinary tasks that succeeded."""
        return {
            provider: [self._picture(provider, id_) for task in tasks for id_ in task.media]
            for provider, tasks in self.tasks.items()
        }

    def _picture(self, provider: str, id_: str) -> Picture:
        key = id_.split(":", 2)[2]
        if provider == "PIXAI" and (media := self._box.pixai.world.media(key, self._now)) is not None:
            return Picture(id_, (media.width,), (media.height,))
        if provider == "MIDJOURNEY" and key.endswith(":0"):
            task = self._box.mj.world.task(key.removesuffix(":0"))
            if task is not None and task.art is not None:
                return Picture(id_, (None, task.art.width), (None, task.art.height))
        return Picture(id_)

    @cached_property
    def listed(self) -> dict[str, set[str]]:
        """The ids of every row of the account, odd ones too, by provider."""
        rows = [one for one in self._box.newapi.world if one.listed and one.user == self._box.newapi.user]
        return {
            "PIXAI": {f"task:pixai:{one.id}" for one in self._box.pixai.world.listed(self._now)},
            "MESHY": {
                f"task:meshy:image-to-image:{one.id}"
                for one in self._box.meshy.world.listed("image-to-image", self._now)
            },
            "MIDJOURNEY": {f"task:midjourney:{one.id or f'row:{one.submit}:{one.row}'}" for one in rows},
        }

    def _pixai(self) -> Iterable[Task]:
        odd = set(pixai_cases.TASKS.values())
        for task in self._box.pixai.world.listed(self._now):
            if task.id in odd or task.schedule is not None or task.status not in STATUSES:
                continue
            outputs = task.outputs or {}
            batch = outputs.get("batch", [{"seed": outputs.get("seed"), "mediaId": outputs.get("mediaId")}])
            is_done = task.status == "completed"
            # without a seed of its own, a task shows the one that was asked for, if any
            reported = [one.get("seed") for one in batch] if is_done else []
            media = tuple(f"media:pixai:{one['mediaId']}" for one in batch) if is_done else ()
            yield Task(
                f"task:pixai:{task.id}",
                "PIXAI",
                STATUSES[task.status],
                task.created_at.replace(".000Z", "Z"),
                media,
                media,
                tuple(map(str, reported)) if reported and None not in reported else None,
            )

    def _meshy(self) -> Iterable[Task]:
        odd = set(meshy_cases.TASKS.values())
        for task in self._box.meshy.world.listed("image-to-image", self._now):
            if task.id in odd or task.schedule is not None or task.status not in STATUSES:
                continue
            key = f"image-to-image:{task.id}"
            media = tuple(f"media:meshy:{key}:{index}" for index in range(len(task.pictures())))
            yield Task(
                f"task:meshy:{key}",
                "MESHY",
                STATUSES[str(task.status)],
                _iso(task.body["created_at"]),
                media,
                media,
                None,
            )

    def _midjourney(self) -> Iterable[Task]:
        odd = set(midjourney_cases.TASKS.values())
        for task in self._box.mj.world:
            is_odd = task.id in odd or bool(task.in_row or task.in_task) or task.schedule is not None
            is_whole = task.id and task.listed and task.proxied and task.user == self._box.newapi.user
            if is_odd or not is_whole or task.status not in STATUSES:
                continue
            media = tuple(self._of_midjourney(task))
            is_known = task.status == "SUCCESS" and task.seeding in ("text", "number")
            yield Task(
                f"task:midjourney:{task.id}",
                "MIDJOURNEY",
                STATUSES[task.status],
                _iso(task.submit),
                media,
                tuple(id_ for id_ in media if id_.rpartition(":")[2] == "0" or ":v" in id_),
                (task.seed,) if is_known else None,
            )

    def _of_midjourney(self, task: MidjourneyTask) -> Iterable[str]:
        if task.art is None:
            return
        files, media = self._box.mj.files, f"media:midjourney:{task.id}"
        yield f"{media}:0"
        yield from (f"{media}:{place}" for place in range(1, len(files.singles(task)) + 1))
        yield from (f"{media}:v{place}" for place in range(len(files.videos(task))))


def unknown(random: Random, provider: str) -> str:
    """The id of a task that no world has, another each time: no cache answers it."""
    if provider == "PIXAI":
        return f"task:pixai:{random.randrange(10**17, 10**18)}"
    if provider == "MESHY":
        return f"task:meshy:image-to-image:{UUID(int=random.getrandbits(128), version=4)}"
    return f"task:midjourney:{random.randrange(10**14, 10**15)}"


def _iso(milliseconds: int) -> str:
    moment = datetime.fromtimestamp(milliseconds / 1000, UTC)
    text = moment.isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z").replace(".000Z", "Z")
