"""The task that Meshy's own document shows, in all its fields. Only the host of its URL is ours."""

from __future__ import annotations

from sandbox.meshy.records import IMAGE, Picture, Task

TASK = "018a210d-8ba4-705c-b111-1f1776f7f578"


def task() -> Task:
    """The document's example of the task object."""
    return Task(
        id=TASK,
        resource=IMAGE,
        body={
            "id": TASK,
            "type": IMAGE,
            "ai_model": "nano-banana",
            "prompt": "Transform this into a cyberpunk style artwork",
            "status": "SUCCEEDED",
            "progress": 100,
            "created_at": 1692771650657,
            "started_at": 1692771667037,
            "finished_at": 1692771669037,
            "expires_at": 1692771679037,
            "preceding_tasks": 0,
            "image_urls": [Picture("image.png")],
            "task_error": {"message": ""},
            "consumed_credits": 3,
        },
    )
