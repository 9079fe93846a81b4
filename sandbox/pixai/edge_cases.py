"""Every unusual value that PixAI can send: `TASKS` and `MEDIA` map its description to its id."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from random import Random
from typing import Any

from sandbox.pixai.changes import (
    Change,
    batch,
    batch_entries,
    dates,
    detail_seed,
    end,
    in_tokyo,
    out,
    parameter,
    record,
    web_batch,
)
from sandbox.pixai.factory import make, queued, running
from sandbox.pixai.records import ALL_VARIANTS, Json, Media, Task, epoch, iso
from sandbox.pixai.snowflakes import media_id

START = epoch("2024-06-01T09:00:00.000Z")
EVERY = 7 * 3600.0  # seconds between two of them
OVER_63_BITS = 2**64 - 1
OVER_64_BITS = 123456789012345678901234567890


@dataclass(frozen=True, slots=True)
class EdgeCases:
    """Tasks and media by what is unusual about them, and the tasks' media."""

    tasks: dict[str, Task]
    media: dict[str, Media]
    task_media: tuple[Media, ...]


@cache
def edge_cases() -> EdgeCases:
    """The same every time."""
    rng = Random(3283868009760115)
    tasks: dict[str, Task] = {}
    made: list[Media] = []
    gone: set[str] = set()
    for index, (name, (count, change)) in enumerate(_CHANGES.items()):
        task, media = make(rng, START + index * EVERY, count)
        changed = change(task)
        tasks[name] = changed
        made += media
        if name == "media gone":
            gone.update(one.id for one in media)
    alone = _media(START - EVERY)
    videos = _videos(tasks, alone)
    kept = tuple(one for one in made if one.id not in gone)
    return EdgeCases(tasks | videos, alone, kept)


_EMPTY: dict[str, Any] = {"prompts": "", "negativePrompts": "", "modelId": "", "samplingMethod": ""}

# name -> (pictures in the batch, what is changed about an ordinary task)
_CHANGES: dict[str, tuple[int, Change]] = {
    "outputs.seed": (1, out(seed=91827364554637)),
    "outputs.seed as text": (1, out(seed="91827364554638")),
    "outputs.seed over 63 bits": (1, out(seed=OVER_63_BITS)),
    "outputs.seed over 64 bits": (1, out(seed=OVER_64_BITS)),
    "outputs.seed zero": (1, out(seed=0)),
    "detailParameters.seed": (1, detail_seed(777000777000)),
    "parameters.seed": (1, parameter(seed=424242)),
    "parameters.seed as text": (1, parameter(seed="9007199254740993")),
    "parameters.seed empty": (1, parameter(seed="")),
    "no seed": (1, out("seed")),
    "batch seeds as text": (4, batch("11", "3283868009760115", "18446744073709551615", "0")),
    "batch seeds over 53 bits": (4, batch(2**53 + 1, 2**63, OVER_63_BITS, OVER_64_BITS)),
    "batch seeds missing": (2, batch(None, 5)),
    "batch of nine": (9, out()),
    "batch with a null mediaId": (3, batch_entries(lambda b: [b[0], b[1] | {"mediaId": None}, b[2]])),
    "batch with a repeated mediaId": (
        3,
        batch_entries(lambda b: [b[0], b[1], b[2] | {"mediaId": b[0]["mediaId"]}]),
    ),
    "batch empty": (2, out(batch=[])),
    "batch null": (1, out(batch=None)),
    "batchMediaIds": (4, web_batch),
    "waiting, outputs null": (1, queued),
    "waiting, outputs {}": (1, lambda task: replace(queued(task), outputs={})),
    "running, outputs null": (1, running),
    "running, outputs {}": (4, lambda task: replace(running(task), outputs={})),
    "running, outputs with a reason": (
        1,
        lambda task: replace(running(task), outputs={"reason": "retrying"}),
    ),
    "failed, outputs.reason": (1, end("failed", {"reason": "out of memory on the runner"})),
    "failed, outputs.failureReason": (1, end("failed", {"failureReason": "prompt was moderated"})),
    "failed, outputs.error": (1, end("failed", {"error": "model could not be loaded"})),
    "failed, outputs.message": (1, end("failed", {"message": "worker lost"})),
    "failed, outputs null": (1, end("failed", None)),
    "failed, outputs {}": (1, end("failed", {})),
    "cancelled, outputs.reason": (1, end("cancelled", {"reason": "changed my mind"})),
    "cancelled, outputs null": (4, end("cancelled", None)),
    "completed, outputs null": (1, end("completed", None)),
    "completed, outputs {}": (1, end("completed", {})),
    "status canceled": (1, end("canceled", None)),
    "status CANCELLED": (1, end("CANCELLED", None)),
    "status COMPLETED": (1, record(status="COMPLETED")),
    "status Failed": (1, end("Failed", {"reason": "timeout"})),
    "status paused": (1, end("paused", None)),
    "status empty": (1, end("", None)),
    "status null": (1, record(status=None, outputs=None, cover=None)),
    "updatedAt is createdAt": (1, lambda task: replace(task, updated_at=task.created_at)),
    "startedAt and endAt null": (1, record(started_at=None, end_at=None)),
    "startedAt and endAt empty": (1, record(started_at="", end_at="")),
    "dates without milliseconds": (1, dates(lambda text: text[:19] + "Z")),
    "dates with microseconds": (1, dates(lambda text: text[:-1] + "123Z")),
    "dates with +00:00": (1, dates(lambda text: text[:-1] + "+00:00")),
    "dates with +09:00": (1, dates(in_tokyo)),
    "parameters null": (1, record(parameters=None)),
    "parameters {}": (1, record(parameters={})),
    "parameters with empty strings": (1, lambda t: replace(t, parameters=(t.parameters or {}) | _EMPTY)),
    "parameters with odd text": (
        1,
        parameter(prompts='“quotes" }\n\ttabs \\ 日本語 🦊 </script> ' + "very " * 400),
    ),
    "mediaId empty": (1, out(mediaId="")),
    "media gone": (2, out()),
    "media null, outputs whole": (1, record(cover=None)),
    "another user's": (1, record(user_id="1600000000000000001", listed=False)),
}

_ONLY_PUBLIC = (("PUBLIC", "orig"),)


def _media(created: float) -> dict[str, Media]:
    """Media on their own. Each is reachable by its id only."""
    fields: dict[str, dict[str, Any]] = {
        "urls null": {"urls": None},
        "urls []": {"urls": ()},
        "url null in every entry": {"urls": tuple((variant, None) for variant, _ in ALL_VARIANTS)},
        "url null first, then whole": {"urls": (("PUBLIC", None), *ALL_VARIANTS)},
        "url empty": {"urls": (("PUBLIC", ""), ("THUMBNAIL", "thumb"))},
        "variant null first, then whole": {"urls": ((None, "orig"), *ALL_VARIANTS)},
        "variant null only": {"urls": ((None, "orig"),)},
        "only THUMBNAIL": {"urls": (("THUMBNAIL", "thumb"),)},
        "no PUBLIC": {"urls": ALL_VARIANTS[1:]},
        "only PUBLIC": {"urls": _ONLY_PUBLIC},
        "PUBLIC twice": {"urls": (*_ONLY_PUBLIC, *ALL_VARIANTS)},
        "width and height null": {"width": None, "height": None},
        "width and height 0": {"width": 0, "height": 0},
        "imageType null": {"image_type": None},
        "imageType empty": {"image_type": ""},
        "another user's": {"mine": False},
        "video": {"type": "VIDEO", "image_type": None},
        "video's poster": {},
    }
    return {
        name: Media(media_id(created + index), **changes)
        for index, (name, changes) in enumerate(fields.items())
    }


def _videos(tasks: dict[str, Task], media: dict[str, Media]) -> dict[str, Task]:
    """A task of the web application that made a video with a poster."""
    plain = tasks["no seed"]
    created = plain.created + 60
    video, poster = media["video"].id, media["video's poster"].id
    outputs: Json = {
        "duration": 41.7,
        "videos": [{"mediaId": video, "thumbnailMediaId": poster, "seed": 271828}],
    }
    task = replace(
        plain,
        id=str(int(plain.id) + (60_000 << 22)),
        created=created,
        created_at=iso(created),
        started_at=iso(created + 1),
        end_at=iso(created + 43),
        updated_at=iso(created + 43),
        outputs=outputs,
        cover=poster,
    )
    return {"videos": task}


TASKS = {name: task.id for name, task in edge_cases().tasks.items()}
MEDIA = {name: media.id for name, media in edge_cases().media.items()}
