"""What the task routes of both servers share: reading ids, and an arbitrary but stable order."""

from __future__ import annotations

from collections.abc import Iterable
from zlib import crc32

from aiohttp import web

from sandbox.json_text import loads
from sandbox.midjourney.records import Task


async def requested_ids(request: web.Request) -> list[str]:
    """The ids of `{"ids": […]}`, without duplicates; [] where they are null or absent.

    Raises ValueError for a body of any other form.
    """
    body = loads(await request.read())
    ids = body.get("ids") if isinstance(body, dict) else body
    if ids is None:
        return []
    if not isinstance(ids, list):
        raise ValueError("ids must be a list")
    return list(dict.fromkeys(str(one) for one in ids))


def shuffled(tasks: Iterable[Task]) -> list[Task]:
    """In an order that has nothing to do with ids or time, the same every time, like a hash set's."""
    return sorted(tasks, key=lambda task: crc32(task.id.encode()))
