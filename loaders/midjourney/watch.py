"""Midjourney tells no changes: the tasks that are watched are polled, all of a credential in one call.

Quick while they change, slow while they do not. Where new-api alone is asked, which takes a call for each
task, at a third of that pace.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from loaders.account import Reader
from loaders.midjourney import CHUNK
from loaders.records import Provider, TaskRecord
from loaders.rhythm import Places, Rhythm
from loaders.watcher import Watcher

ONE_BY_ONE = 3  # times as long between two polls


def watcher(
    tasks: Reader[TaskRecord],
    *,
    is_batched: bool,
    places: Places,
    rhythm: Rhythm,
    seconds: float,
    changed: Callable[[], None],
) -> Watcher:
    """Over the account's own reader, whose cache keeps what polls bring."""
    if not is_batched:
        rhythm = replace(rhythm, quick=rhythm.quick * ONE_BY_ONE)
    return Watcher(
        tasks,
        provider=Provider.MIDJOURNEY,
        places=places,
        rhythm=rhythm,
        seconds=seconds,
        batch=CHUNK if is_batched else 1,
        changed=changed,
    )
