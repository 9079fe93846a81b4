"""Ids in, files out: many at once, told in the order of the ids."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from loaders import coerce
from loaders.errors import InvalidId
from loaders.records import MediaDetails, MediaUrl, MediaVariant
from server.cli.downloads.folder import Folder, Kept, Outside, Unusable
from server.cli.downloads.naming import Subject, Template
from server.cli.downloads.transfer import LocalFault, NotReceived, Received, receive
from server.cli.graph import Failure
from server.cli.id_forms import Given
from server.cli.pictures import Picture, Pictures
from server.os_errors import reason

if TYPE_CHECKING:
    import aiohttp
    from aiodataloader import DataLoader

WINDOW = 200  # ids read, looked up and started together
LEFT = timedelta(seconds=30)  # an address that ends sooner is asked for again


@dataclass(frozen=True, slots=True)
class Downloaded:
    """One id's line. status: OK, SKIPPED (it was there), NOT_FOUND, NO_URL or an error code."""

    id: str
    status: str
    file: str | None = None
    bytes: int | None = None
    message: str | None = None

    @property
    def has_failed(self) -> bool:
        """Whether the picture is not there now."""
        return self.status not in {"OK", "SKIPPED"}


class Downloads:
    """One command's. parallel: transfers at once. received: called with each number of bytes.

    Construct it in the event loop that it runs in.
    """

    def __init__(
        self,
        pictures: Pictures,
        folder: Folder,
        session: aiohttp.ClientSession,
        *,
        template: Template,
        variant: MediaVariant,
        parallel: int,
        received: Callable[[int], None],
    ) -> None:
        from aiodataloader import DataLoader

        self._pictures = pictures
        self._folder = folder
        self._session = session
        self._template = template
        self._variant = variant
        self._received = received
        self._places = asyncio.Semaphore(parallel)
        self._turns: dict[str, _Turn] = {}
        self._naming = asyncio.Lock()
        # look-ups of one tick are one request; an address that has ended is looked up anew
        self._found: DataLoader[str, Picture | Failure | None] = DataLoader(self._find, cache=False)

    async def run(self, windows: AsyncIterable[list[Given]], report: Callable[[Downloaded], None]) -> None:
        """Report each id in its order. Raises Unusable where nothing more can be kept."""
        tasks: deque[asyncio.Task[Downloaded]] = deque()
        try:
            async for window in windows:
                tasks.extend(asyncio.create_task(self._one(given)) for given in window)
                while len(tasks) > WINDOW:
                    await self._report_first(tasks, report)
            while tasks:
                await self._report_first(tasks, report)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    @staticmethod
    async def _report_first(
        tasks: deque[asyncio.Task[Downloaded]], report: Callable[[Downloaded], None]
    ) -> None:
        # wait() leaves the task alone when this is cancelled: awaited by itself, it would be cancelled first,
        # and give its place to a transfer that is cancelled next
        await asyncio.wait([tasks[0]])
        report(tasks[0].result())
        tasks.popleft()

    async def _one(self, given: Given) -> Downloaded:
        from loaders import ids
        from loaders.ids import Kind

        try:
            picture_id = str(ids.parse(given.id, Kind.MEDIA))
        except InvalidId as error:
            return Downloaded(given.id, error.code.value, message=error.message)
        turn = self._turns.setdefault(picture_id, _Turn())
        turn.users += 1
        try:
            async with turn.lock:
                return await self._in_turn(picture_id, given)
        finally:
            turn.users -= 1
            if not turn.users:
                del self._turns[picture_id]

    async def _in_turn(self, id: str, given: Given) -> Downloaded:
        kept = self._folder.kept(id, self._variant.value)
        if kept is not None:
            return Downloaded(given.id, "SKIPPED", kept.file, kept.bytes)
        try:
            kept = await self._fetched(id, given)
        except _Failed as failure:
            return Downloaded(given.id, failure.status, message=failure.message)
        except LocalFault as fault:
            raise Unusable(str(fault)) from None
        return Downloaded(given.id, "OK", kept.file, kept.bytes)

    async def _find(self, ids: list[str]) -> list[Picture | Failure | None]:
        return await self._pictures.find(ids, with_task=self._template.needs_task)

    async def _fetched(self, id: str, given: Given) -> Kept:
        picture, url = await self._address(id)
        async with self._places:
            if url.expires_at is not None and url.expires_at - datetime.now(UTC) < LEFT:
                picture, url = await self._address(id)
            part = self._folder.part()
            try:
                try:
                    whole = await receive(self._session, url.url, part, self._received)
                except NotReceived as error:
                    again = (await self._address(id))[1] if error.is_stale else url
                    if again.url == url.url:
                        raise
                    whole = await receive(self._session, again.url, part, self._received)
                name = self._template.path(self._subject(id, given, picture, whole))
                async with self._naming:
                    return await asyncio.to_thread(self._folder.keep, part, id, self._variant.value, name)
            except NotReceived as error:
                raise _Failed(error.code.value, error.message) from None
            except Outside:
                raise _Failed("BAD_NAME", "its name leads out of the folder through a link") from None
            except OSError as error:
                raise _Failed("NOT_KEPT", reason(error)) from None
            finally:
                with suppress(OSError):
                    part.unlink(missing_ok=True)

    async def _address(self, id: str) -> tuple[Picture, MediaUrl]:
        found = await self._found.load(id)
        if isinstance(found, Failure):
            raise _Failed(found.code, found.message)
        if found is None:
            raise _Failed("NOT_FOUND", "no such picture")
        url = _best(found.record.details or MediaDetails(), self._variant)
        if url is None:
            raise _Failed("NO_URL", "it has no URL in that size or a larger one")
        return found, url

    def _subject(self, id: str, given: Given, picture: Picture, whole: Received) -> Subject:
        _, provider, key = id.split(":", 2)
        own, _, last = key.rpartition(":")
        task = picture.task or given.task
        # task:midjourney:1730 -> 1730; a PixAI picture alone does not tell its task, and stands for itself
        task_key = task.split(":", 2)[-1] if task else own or key
        index = last if own else "0" if given.index is None else str(given.index)
        kind = picture.record.details.kind if picture.record.details else None
        return Subject(
            id=id,
            provider=provider,
            key=key,
            task=task_key,
            index=index,
            created=picture.created or coerce.time(given.created),
            kind="image" if kind is None else kind.value.lower(),
            variant=self._variant.value.lower(),
            ext=whole.extension,
        )


@dataclass(slots=True)
class _Turn:
    """Of one id: given twice, it is fetched once. users: who has the turn or waits for it."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    users: int = 0


class _Failed(Exception):
    def __init__(self, status: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


def _best(details: MediaDetails, variant: MediaVariant) -> MediaUrl | None:
    from resolvers.media import best

    return best(details, variant, fallback=True)
