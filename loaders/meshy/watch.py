"""Meshy tells a task's changes in a stream of its own: server-sent events, one request a task.

    event: message   {"id": "018a…", "progress": 40, "status": "IN_PROGRESS"}    while it is under way
    event: message   {…the whole task…}                                          at its end
    event: error     {"status_code": 404, "message": "Task not found"}           though the status is 200

A stream cannot be resumed. After an error event or a lost connection the task is read, and the stream opened
again, ever more slowly; meanwhile polls take its place.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress

from loaders import coerce, exact_json
from loaders.credentials import Credential
from loaders.errors import Malformed, Refused, SourceError
from loaders.meshy import normalise
from loaders.meshy.client import PATHS, MeshyClient
from loaders.pace import Pace
from loaders.records import Provider
from loaders.rhythm import Retries, Rhythm
from loaders.server_events import Event
from loaders.stream import Ear, Stream

STREAMS = 100  # of one credential; further tasks are polled
OPENING = 2  # streams that wait for their turn among the key's requests at once: look-ups wait there, too


class MeshyStreams(Stream):
    """One credential's: a stream for each task that is followed."""

    def __init__(
        self, client: MeshyClient, credential: Credential, pace: Pace, rhythm: Rhythm, ear: Ear
    ) -> None:
        self._client = client
        self._credential = credential
        self._pace = pace
        self._rhythm = rhythm
        self._ear = ear
        self._open: dict[str, asyncio.Task[None]] = {}
        self._live: set[str] = set()
        self._opening = asyncio.Semaphore(OPENING)

    def follow(self, key: str) -> None:
        """Open its stream."""
        if len(self._open) < STREAMS:
            self._open[key] = asyncio.create_task(self._follow(key))

    def leave(self, key: str) -> None:
        """Close it."""
        self._live.discard(key)
        task = self._open.pop(key, None)
        if task is not None and task is not asyncio.current_task():
            task.cancel()

    def is_live(self, key: str) -> bool:
        """Whether its stream has said something and is open."""
        return key in self._live

    async def close(self) -> None:
        """Close all of them."""
        tasks = list(self._open.values())
        for key in list(self._open):
            self.leave(key)
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _follow(self, key: str) -> None:
        retries = Retries(self._rhythm)
        loop = asyncio.get_running_loop()
        while key in self._open:
            begun = loop.time()
            try:
                await self._listen(key)
            except Refused:
                return  # polls find out whether the task itself may be read
            except SourceError:
                pass
            if key not in self._open:  # it has ended
                return
            self._live.discard(key)
            if loop.time() - begun > self._rhythm.longest_retry:  # it was there, not just let in
                retries = Retries(self._rhythm)
            self._ear.look(key)
            await retries.pause(loop.time() - begun)

    async def _listen(self, key: str) -> None:
        resource, _, task_id = key.partition(":")
        if resource not in PATHS:
            return
        await self._pace.turn()
        async with self._client.follow(
            resource, task_id, self._credential, quiet=self._rhythm.quiet
        ) as events:
            async for event in events:
                if not self._told(key, event):
                    return

    def _told(self, key: str, event: Event) -> bool:
        """Whether the stream goes on."""
        with suppress(ValueError):
            node = exact_json.loads(event.data.encode())
            if event.name != "message" or not isinstance(node, Mapping):
                return False
            self._live.add(key)
            part = normalise.part(node)
            if part is not None:
                self._ear.part(key, part)
                # the end without its results: they have to be read
                return part.status not in coerce.FINISHED
            task = coerce.record(normalise.task, node, key, Provider.MESHY)
            if not isinstance(task, Malformed):
                self._ear.whole(task)
                return key in self._open
        return False
