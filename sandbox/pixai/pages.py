"""Relay connections over the account's tasks, oldest first."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable

from graphql import GraphQLError

from sandbox.pixai.records import Json, Task

USUAL = 20  # edges when neither first nor last is given


def connection(
    tasks: list[Task],
    write: Callable[[Task], Json | None],
    before: str | None = None,
    after: str | None = None,
    first: int | None = None,
    last: int | None = None,
) -> Json:
    """The page. `last: N` without `before` is the newest. Raises GraphQLError for a cursor that is none."""
    low = 0 if after is None else _place(tasks, after) + 1
    high = len(tasks) if before is None else _place(tasks, before)
    for name, count in (("first", first), ("last", last)):
        if count is not None and count < 0:
            raise GraphQLError(f"{name} must not be negative", extensions={"code": "BAD_USER_INPUT"})
    if first is None and last is None:
        last = USUAL
    if first is not None:
        high = min(high, low + first)
    if last is not None:
        low = max(low, high - last)
    page = tasks[low:high]
    return {
        "edges": [{"node": write(task), "cursor": _cursor(task)} for task in page],
        "pageInfo": {
            "hasNextPage": high < len(tasks),
            "hasPreviousPage": low > 0,
            "startCursor": _cursor(page[0]) if page else None,
            "endCursor": _cursor(page[-1]) if page else None,
        },
    }


def _cursor(task: Task) -> str:
    return urlsafe_b64encode(f"task:{task.id}".encode()).decode()


def _place(tasks: list[Task], cursor: str) -> int:
    try:
        key = urlsafe_b64decode(cursor).decode().removeprefix("task:")
    except ValueError:
        key = ""
    for index, task in enumerate(tasks):
        if task.id == key:
            return index
    raise GraphQLError("Invalid cursor", extensions={"code": "BAD_USER_INPUT"})
