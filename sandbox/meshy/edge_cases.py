"""Every unusual value that Meshy can send: `TASKS` maps its description to its id."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from random import Random
from typing import Any

from sandbox.meshy.factory import canceled, failed, make
from sandbox.meshy.records import IMAGE, Picture, Task, epoch

START = epoch("2024-06-02T03:00:00Z")
EVERY = 11 * 3600.0  # seconds between two of them

Change = Callable[[Task], Task]


@cache
def edge_cases() -> dict[str, Task]:
    """By description; the same every time."""
    rng = Random(1692771650657)
    return {
        name: change(make(rng, IMAGE, START + index * EVERY)) for index, (name, change) in enumerate(_CHANGES)
    }


def _with(**changes: Any) -> Change:
    """Fields changed."""
    return lambda task: replace(task, body=task.body | changes)


def _without(*names: str) -> Change:
    """Fields left out."""
    return lambda task: replace(
        task, body={name: value for name, value in task.body.items() if name not in names}
    )


def _named(key: str) -> Change:
    """Another id."""
    return lambda task: replace(task, id=key, body=task.body | {"id": key})


def _both(first: Change, second: Change) -> Change:
    return lambda task: second(first(task))


def _error(error: Any) -> Change:
    return lambda task: failed(task, error)


def _known(type: str | None, code: str | None = None) -> Change:
    """A real error, with as much of it as is given."""
    named = {"type": type, "code": code}
    given = {name: value for name, value in named.items() if value is not None}
    return _error(given | {"message": f"{code or type} stopped the task"})


_UNSTARTED = _with(status="PENDING", progress=0, started_at=0, finished_at=0, expires_at=0, image_urls=[])
_RUNNING = _with(status="IN_PROGRESS", progress=45, finished_at=0, expires_at=0, image_urls=[])
_TIMES = ("started_at", "finished_at", "expires_at")

_CHANGES: tuple[tuple[str, Change], ...] = (
    ("pending, times 0", _both(_UNSTARTED, _with(preceding_tasks=4))),
    ("pending, times null", _both(_UNSTARTED, _with(**dict.fromkeys(_TIMES)))),
    ("pending, times absent", _both(_UNSTARTED, _without(*_TIMES))),
    ("pending, first in the queue", _both(_UNSTARTED, _with(preceding_tasks=0))),
    ("pending, preceding_tasks absent", _both(_UNSTARTED, _without("preceding_tasks"))),
    ("pending, image_urls absent", _both(_UNSTARTED, _without("image_urls"))),
    ("pending, image_urls null", _both(_UNSTARTED, _with(image_urls=None))),
    ("running", _RUNNING),
    ("running, preceding_tasks left over", _both(_RUNNING, _with(preceding_tasks=7))),
    ("running, consumed_credits absent", _both(_RUNNING, _without("consumed_credits"))),
    (
        "optional fields absent",
        _without("type", "ai_model", "prompt", "progress", *_TIMES, "preceding_tasks", "task_error"),
    ),
    (
        "only id and status",
        lambda task: replace(task, body={name: task.body[name] for name in ("id", "status")}),
    ),
    ("created_at 0", _with(created_at=0)),
    ("created_at null", _with(created_at=None)),
    ("created_at absent", _without("created_at")),
    ("expires_at 0", _with(expires_at=0)),
    ("expires_at null", _with(expires_at=None)),
    ("task_error null", _with(task_error=None)),
    ("task_error absent", _without("task_error")),
    ("task_error empty", _with(task_error={})),
    ("failed, message empty", _error({"message": ""})),
    ("failed, task_error null", _error(None)),
    ("failed, task_error absent", _both(_error(None), _without("task_error"))),
    ("failed, message only", _error({"message": "The task failed."})),
    (
        "failed, with everything",
        _error(
            {
                "type": "invalid_input",
                "code": "image_too_complex",
                "message": "The image is too complex.",
                "doc_url": "https://docs.meshy.ai/en/api/errors#image_too_complex",
            }
        ),
    ),
    ("failed, timeout", _known("timeout", "timeout")),
    ("failed, service_unavailable", _known("service_unavailable")),
    ("failed, server_error", _known("server_error")),
    ("failed, invalid_input", _known("invalid_input", "invalid_input")),
    ("failed, moderation_blocked", _known("invalid_input", "moderation_blocked")),
    ("failed, code without type", _known(None, "format_conversion_failed")),
    ("failed, unknown type", _known("cosmic_ray", "bit_flipped")),
    ("canceled", canceled),
    ("status EXPIRED", _both(_with(status="EXPIRED"), _without("image_urls"))),
    ("status unknown, finished", _with(status="ARCHIVED")),
    ("status unknown, unfinished", _with(status="REVIEWING", finished_at=0, expires_at=0, image_urls=[])),
    ("status in lower case", _with(status="succeeded")),
    ("status null", _with(status=None, finished_at=None, image_urls=None)),
    ("progress over 100", _with(progress=250)),
    ("progress below 0", _both(_RUNNING, _with(progress=-5))),
    ("progress null", _with(progress=None)),
    ("progress a fraction", _both(_RUNNING, _with(progress=41.5))),
    ("consumed_credits absent", _without("consumed_credits")),
    ("consumed_credits 0", _with(consumed_credits=0)),
    ("consumed_credits null", _with(consumed_credits=None)),
    ("three views", _with(image_urls=[Picture(f"image_{index}.png") for index in range(3)])),
    ("one URL null", _with(image_urls=[Picture("image_0.png"), None, Picture("image_2.png")])),
    ("one URL empty", _with(image_urls=["", Picture("image.png")])),
    ("URL without expiry", _with(image_urls=[Picture("image.png", signed=False)])),
    ("picture is a JPEG", _with(image_urls=[Picture("image.jpeg")])),
    ("picture without suffix", _with(image_urls=[Picture("image")])),
    ("name", _with(name="Harbour study, second attempt")),
    ("name empty", _with(name="")),
    ("newer model", _with(ai_model="gpt-image-2-5-sunburst")),
    ("model of tomorrow", _with(ai_model="nano-banana-9-ultra")),
    ("unknown fields", _with(phase="draft", aspect_ratio="16:9", extra={"nested": [1, 2**63]})),
    ("prompt with odd text", _with(prompt='“quotes" }\n\ttabs \\ 日本語 🦊 </script> ' + "very " * 100)),
    ("prompt empty", _with(prompt="")),
    ("id is a number", _named("20240612")),
    ("id with punctuation", _named("a:b.c~d'e\"f{g}")),
    ("id with a slash", _named("studio/2024/07?x=1#y")),
    ("id with spaces", _named("été 東京 🦊 100%25")),
)

TASKS = {name: task.id for name, task in edge_cases().items()}
