"""Media that have no entry of their own: they are read from their task (Meshy, Midjourney).

image-to-image:018a…:0 , image-to-image:018a…:1  ->  one look-up of image-to-image:018a…
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from loaders.batcher import Batcher
from loaders.records import MediaRecord, TaskRecord


def task_key(media_key: str) -> str:
    """The task's key in front of a medium's index; "" where there is none."""
    return media_key.rpartition(":")[0]


async def media(
    keys: Iterable[str], tasks: Batcher[TaskRecord], seconds: float
) -> dict[str, MediaRecord | Exception]:
    """Each medium, or the error of its task; one that its task does not have is absent."""
    wanted = list(keys)
    deadline = asyncio.get_running_loop().time() + seconds
    owners = await tasks.get(dict.fromkeys(filter(None, map(task_key, wanted))), deadline)
    found: dict[str, MediaRecord | Exception] = {}
    for key in wanted:
        owner = owners.get(task_key(key))
        if isinstance(owner, Exception):
            found[key] = owner
        elif owner is not None:
            known = (*owner.media, *([owner.cover] if owner.cover is not None else []))
            picture = next((picture for picture in known if picture.key == key), None)
            if picture is not None:
                found[key] = picture
    return found
