"""PixAI's REST: media at the top level, redirects to pictures, tasks with another outputs object."""

from __future__ import annotations

from aiohttp import web

from sandbox.json_text import json_response
from sandbox.pixai.access import authentication_error, error_response
from sandbox.pixai.records import Json, Media
from sandbox.pixai.server import Pixai

VARIANTS = {
    "thumbnail": "thumb",
    "still_thumbnail": "stillThumb",
    "stillThumbnail": "stillThumb",
    "public": "orig",
}


class Rest:
    """The routes under /v1 and /v2."""

    def __init__(self, server: Pixai) -> None:
        self._server = server

    def routes(self) -> list[web.RouteDef]:
        """All of them; thumbnails need no key."""
        return [
            web.get("/v1/media/{id}", self._media),
            web.get("/v1/media/{id}/image", self._image),
            web.get("/v1/media/{id}/{variant}", self._variant),
            web.get("/v1/task/{id}", self._task),
            web.get("/v2/task/{id}", self._task),
        ]

    async def _media(self, request: web.Request) -> web.Response:
        media = self._allowed(request)
        if isinstance(media, web.Response):
            return media
        return json_response(
            {
                "id": media.id,
                "type": media.type,
                "width": media.width,
                "height": media.height,
                "imageType": media.image_type,
                "urls": [] if media.type == "VIDEO" else self._server.files.urls(media),
            }
        )

    async def _image(self, request: web.Request) -> web.Response:
        media = self._allowed(request)
        return media if isinstance(media, web.Response) else self._redirect(media, "orig")

    async def _variant(self, request: web.Request) -> web.Response:
        kind = VARIANTS.get(request.match_info["variant"])
        if kind is None:
            return error_response(404, "Not Found")
        found = self._allowed(request) if kind == "orig" else self._found(request)
        return found if isinstance(found, web.Response) else self._redirect(found, kind)

    async def _task(self, request: web.Request) -> web.Response:
        refused = authentication_error(request, self._server.key)
        if refused is not None:
            return refused
        now = self._server.clock()
        task = self._server.world.task(request.match_info["id"], now)
        if task is None:
            return error_response(404, "Not Found")
        found = [self._server.world.media(key, now) for key in task.media_ids()]
        media = [one for one in found if one is not None]
        outputs: Json = {
            "mediaIds": [one.id for one in media],
            "mediaUrls": [self._server.files.url(one, "orig") for one in media],
        }
        kept = {"id", "status", "createdAt", "updatedAt", "startedAt", "endAt"}
        return json_response(
            {key: value for key, value in task.wire().items() if key in kept} | {"outputs": outputs}
        )

    def _allowed(self, request: web.Request) -> Media | web.Response:
        """The media asked for, or the refusal: 403 or 401 for the key, 404, 403 for another user's."""
        return authentication_error(request, self._server.key) or self._found(request)

    def _found(self, request: web.Request) -> Media | web.Response:
        media = self._server.world.media(request.match_info["id"], self._server.clock())
        if media is None:
            return error_response(404, "Not Found")
        return media if media.mine else error_response(403, "Forbidden")

    def _redirect(self, media: Media, kind: str) -> web.Response:
        return web.Response(status=302, headers={"Location": self._server.files.url(media, kind)})
