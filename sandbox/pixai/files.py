"""The files behind media URLs: originals under signed URLs that expire, thumbnails under lasting ones."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from aiohttp import web

from sandbox import pictures
from sandbox.pixai.records import Json, Media
from sandbox.pixai.world import World
from sandbox.signing import s3_error, s3_query

LIFETIME = 3600  # seconds that a signed URL lives
SECRET = b"sandbox-pixai-storage"
THUMBNAIL = 192  # pixels of the longest side
XML = '<?xml version="1.0" encoding="UTF-8"?><Error><Code>{}</Code><Message>{}</Message></Error>'
FORMATS: dict[str | None, pictures.Format] = {"image/png": "PNG", "image/jpeg": "JPEG"}


class Files:
    """Makes the URLs and serves them. origin: where they are served; clock: epoch seconds."""

    def __init__(self, origin: Callable[[], str], world: World, clock: Callable[[], float]) -> None:
        self._origin = origin
        self._world = world
        self._clock = clock

    def url(self, media: Media, kind: str) -> str:
        """kind: orig (signed), thumb or stillThumb."""
        extension = _format(media).lower() if kind == "orig" else "webp"
        path = f"/images/{kind}/{media.id}.{extension}"
        if kind != "orig":
            return f"{self._origin()}{path}"
        return f"{self._origin()}{path}?{s3_query(path, self._clock(), LIFETIME, SECRET)}"

    def urls(self, media: Media) -> list[Json] | None:
        """`Media.urls`, as the record lists them."""
        if media.urls is None:
            return None
        return [
            {"variant": variant, "url": self.url(media, kind) if kind else kind}
            for variant, kind in media.urls
        ]

    def routes(self) -> list[web.RouteDef]:
        """One per kind, so that originals and thumbnails are counted apart."""
        return [
            web.get("/images/orig/{name}", self._original),
            web.get("/images/thumb/{name}", self._thumbnail),
            web.get("/images/stillThumb/{name}", self._still),
        ]

    async def _original(self, request: web.Request) -> web.Response:
        error = s3_error(request.path, request.query, self._clock(), SECRET)
        if error is not None:
            return web.Response(status=403, text=XML.format(*error), content_type="application/xml")
        return await self._serve(request, limit=None, still=False)

    async def _thumbnail(self, request: web.Request) -> web.Response:
        return await self._serve(request, THUMBNAIL, still=False)

    async def _still(self, request: web.Request) -> web.Response:
        return await self._serve(request, THUMBNAIL, still=True)

    async def _serve(self, request: web.Request, limit: int | None, *, still: bool) -> web.Response:
        media = self._world.media(request.match_info["name"].partition(".")[0], self._clock())
        if media is None:
            return web.Response(status=404, text=XML.format("NoSuchKey", "The key does not exist."))
        width, height = pictures.fitted(media.width or 512, media.height or 512, limit or 512)
        if media.content is not None and limit is None:
            return web.Response(body=media.content, content_type=media.image_type or "video/mp4")
        if media.content is not None and media.type == "IMAGE":
            body = await asyncio.to_thread(pictures.thumbnail, media.content, width, height)
            return web.Response(body=body, content_type="image/webp")
        seed = int(media.id)
        if media.type == "VIDEO" and not still:
            body = await asyncio.to_thread(pictures.moving_picture, seed, width, height)
            return web.Response(body=body, content_type="image/webp")
        kind = _format(media) if limit is None else "WEBP"
        body = await asyncio.to_thread(pictures.picture, seed, width, height, kind)
        return web.Response(body=body, content_type=f"image/{kind.lower()}")


def _format(media: Media) -> pictures.Format:
    return FORMATS.get(media.image_type, "WEBP")
