"""What image-seed answers: two documented shapes, and its errors."""

from __future__ import annotations

from collections.abc import Callable

from sandbox.midjourney.records import Json, Task
from sandbox.midjourney.submit_results import result


def answer(task: Task | None, shown: Callable[[Task], Json]) -> tuple[int, Json]:
    """The status and the body. shown: the task as an object, for servers that answer with one.

    404 with code 3 for an unknown task, 400 with code 4 for an unfinished one; 200 for all else: code 1 with
    the seed, code 3 without one, code 9 with why it failed, or the task object, which has no such code.
    """
    if task is None:
        return 404, result(3, "关联任务不存在或已失效")
    if task.status.upper() != "SUCCESS":
        return 400, result(4, "关联任务状态错误")
    if task.seeding == "task":
        return 200, shown(task)
    if task.seeding == "missing":
        return 200, result(3, "未找到 seed")
    if task.seeding == "failed":
        return 200, result(9, str(task.in_task.get("seedError", "failed")))
    seeds = {"text": task.seed, "number": task.seed, "empty": ""}
    seed = seeds[task.seeding]
    return 200, result(1, "成功", int(seed) if task.seeding == "number" else seed)
