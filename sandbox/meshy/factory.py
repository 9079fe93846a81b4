"""Making whole tasks: what a generator would have done."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from sandbox.meshy import prompts
from sandbox.meshy.records import IMAGE, Json, Picture, Task, milliseconds
from sandbox.meshy.uuids import task_id
from sandbox.schedule import Schedule

PRICES = {"nano-banana": 3, "nano-banana-2": 6, "nano-banana-pro": 9, "gpt-image-2": 12}  # credits an image
# Newer ones, of Meshy's own command line. Their prices are not documented; these are made up.
PRICES |= {"nano-banana-2-lite": 3, "gpt-image-2-5-flare": 12, "gpt-image-2-5-sunburst": 12}
USUAL_MODELS = ("nano-banana", "nano-banana", "nano-banana-2", "nano-banana-pro", "gpt-image-2")
RESULT_DAYS = 3
VIEWS = 3  # pictures of a multi-view task
MODERATED: Json = {
    "type": "invalid_input",
    "code": "moderation_blocked",
    "message": "The prompt or an image was blocked by moderation.",
    "doc_url": "https://docs.meshy.ai/en/api/errors#moderation_blocked",
}
ERRORS: tuple[Json, ...] = (
    MODERATED,
    {"type": "timeout", "code": "timeout", "message": "The task took too long."},
    {"type": "service_unavailable", "message": "The service is busy, please try again later."},
    {"type": "server_error", "message": "Something went wrong on our side."},
)


def make(rng: Random, resource: str, created: float, schedule: Schedule | None = None) -> Task:
    """A task that succeeds. created: epoch seconds; schedule: None: it ended long ago."""
    model = rng.choice(USUAL_MODELS)
    prompt = prompts.edit(rng) if resource == IMAGE else prompts.scene(rng)
    return task_for(rng, resource, model, prompt, created, schedule, multi_view=rng.random() < 0.2)


def task_for(
    rng: Random,
    resource: str,
    model: str,
    prompt: str,
    created: float,
    schedule: Schedule | None = None,
    *,
    multi_view: bool,
) -> Task:
    """A task with what its creator chose."""
    started = schedule.starts if schedule else created + rng.uniform(0.3, 20)
    finished = schedule.ends if schedule else started + rng.uniform(2, 40)
    key = task_id(created, rng)
    names = [f"image_{index}.png" for index in range(VIEWS)] if multi_view else ["image.png"]
    body: Json = {
        "id": key,
        "type": resource,
        "ai_model": model,
        "prompt": prompt,
        "status": "SUCCEEDED",
        "progress": 100,
        "created_at": milliseconds(created),
        "started_at": milliseconds(started),
        "finished_at": milliseconds(finished),
        "expires_at": milliseconds(finished + RESULT_DAYS * 86400),
        "preceding_tasks": 0,
        "image_urls": [Picture(name) for name in names],
        "task_error": {"message": ""},
        "consumed_credits": PRICES[model] * len(names),
    }
    return Task(key, resource, body, schedule)


def failed(task: Task, error: Json | None) -> Task:
    """The same task without results; its credits are given back."""
    body = task.body | {"status": "FAILED", "progress": 0, "image_urls": [], "consumed_credits": 0}
    return replace(task, body=body | {"task_error": error})


def canceled(task: Task) -> Task:
    """The same task, given up; nothing is said about its credits."""
    body = task.body | {"status": "CANCELED", "progress": 0, "image_urls": []}
    return replace(task, body={name: value for name, value in body.items() if name != "consumed_credits"})
