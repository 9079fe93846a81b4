"""The files behind Midjourney's URLs.

Grids and previews lie on Discord's file server, under signed URLs that live a day; single pictures and
videos on Midjourney's own, under lasting ones. Both are served by the emulated midjourney-proxy.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable

from aiohttp import web

from sandbox.midjourney import discord, painting
from sandbox.midjourney.records import Art, Json, Task
from sandbox.midjourney.world import World

UUID = r"[0-9a-f]{8}-[0-9a-f-]{27}"
JOB = f"{{job:{UUID}}}"
GONE = "This content is no longer available."


class Files:
    """Makes the URLs and serves them. origin: where they are served; clock: epoch seconds."""

    def __init__(self, origin: Callable[[], str], world: World, clock: Callable[[], float]) -> None:
        self._origin = origin
        self._world = world
        self._clock = clock

    def image(self, task: Task, signed: float | None = None) -> str:
        """The result, or the preview of an unfinished task; "" where there is neither.

        signed: epoch seconds at which the URL was made; None: now.
        """
        if task.art is None:
            return ""
        path = task.art.path if task.ended else task.art.preview
        return f"{self._origin()}{path}?{discord.query(path, self._clock() if signed is None else signed)}"

    def singles(self, task: Task) -> list[Json]:
        """The four pictures of a grid, apart, where Midjourney's own server has them."""
        if task.art is None or not task.art.singles or not task.ended:
            return []
        at = f"{self._origin()}/cdn/{task.art.job}"
        return [
            {"url": f"{at}/0_{n}.png", "thumbnail": f"{at}/0_{n}_384_N.webp"}
            for n in range(len(task.art.seeds))
        ]

    def videos(self, task: Task) -> list[Json]:
        """The videos with their posters."""
        if task.art is None or not task.ended:
            return []
        at = f"{self._origin()}/cdn/video/{task.art.job}"
        return [
            {"url": f"{at}/{n}.webp", "thumbnail": f"{at}/{n}_640_N.webp"} for n in range(task.art.videos)
        ]

    def routes(self) -> list[web.RouteDef]:
        """One per kind, so that they are counted apart."""
        return [
            web.get("/attachments/{channel}/{message}/{name}", self._attachment),
            web.get(f"/cdn/{JOB}/0_{{n:[0-3]}}.png", self._painted(painting.single, "image/png")),
            web.get(f"/cdn/{JOB}/0_{{n:[0-3]}}_384_N.webp", self._painted(painting.thumbnail, "image/webp")),
            web.get(f"/cdn/video/{JOB}/{{n:[0-3]}}.webp", self._painted(painting.video, "image/webp")),
            web.get(f"/cdn/video/{JOB}/{{n:[0-3]}}_640_N.webp", self._painted(painting.poster, "image/webp")),
        ]

    async def response(self, task: Task) -> web.Response | None:
        """What `image` leads to; None where it leads nowhere."""
        if task.art is None or task.art.gone:
            return None
        return await _served(task.art, finished=task.ended)

    async def _attachment(self, request: web.Request) -> web.Response:
        if not discord.valid(request.path, request.query, self._clock()):
            return _gone()
        named = re.search(UUID, request.match_info["name"])
        art = self._world.art(named[0]) if named else None
        if art is None or art.gone:
            return _gone()
        return await _served(art, finished=request.path == art.path)

    def _painted(
        self, paint: Callable[[Art, int], bytes], kind: str
    ) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def serve(request: web.Request) -> web.Response:
            art = self._world.art(request.match_info["job"])
            index = int(request.match_info["n"])
            if art is None or art.gone or index >= max(art.videos, len(art.seeds)):
                return _gone()
            return web.Response(body=await asyncio.to_thread(paint, art, index), content_type=kind)

        return serve


async def _served(art: Art, *, finished: bool) -> web.Response:
    if finished:
        return web.Response(body=await asyncio.to_thread(painting.whole, art), content_type="image/png")
    return web.Response(body=await asyncio.to_thread(painting.preview, art), content_type="image/webp")


def _gone() -> web.Response:
    return web.Response(status=404, text=GONE)
