"""PixAI's REST: media at the top level, redirects to pictures, tasks with another outputs object."""

from __future__ import annotations

from aiohttp import web

from sandbox.json_text import json_response, loads
from sandbox.pixai.access import authentication_error, error_body, error_response
from sandbox.pixai.parameters import from_v2
from sandbox.pixai.records import Json, Media
from sandbox.pixai.server import Pixai, Refused
from sandbox.pixai.task_object import rest_task

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
            web.post("/v1/task", self._create),
            web.post("/v2/image/create", self._create_image),
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
        return json_response(rest_task(task, self._server.world, self._server.files, now))

    async def _create(self, request: web.Request) -> web.Response:
        body = await self._body(request)
        if isinstance(body, web.Response):
            return body
        parameters = body.get("parameters")
        if not isinstance(parameters, dict):
            return error_response(400, "parameters is required")
        return self._created(parameters, None)

    async def _create_image(self, request: web.Request) -> web.Response:
        body = await self._body(request)
        if isinstance(body, web.Response):
            return body
        callback = body.get("callbackUrl")
        if callback is not None and not _is_url(callback):
            return error_response(400, "callbackUrl must be an http(s) URL")
        try:
            return self._created(from_v2(body), callback)
        except ValueError as error:
            return error_response(400, str(error))

    def _created(self, parameters: Json, callback: str | None) -> web.Response:
        try:
            task = self._server.create(parameters, callback)
        except Refused as error:
            return json_response(error_body(error.status, str(error), error.code), status=error.status)
        answer = rest_task(task, self._server.world, self._server.files, self._server.clock())
        return json_response(answer)

    async def _body(self, request: web.Request) -> Json | web.Response:
        """The JSON object that was sent, or the error: 403 or 401 for the key, 400 for anything else."""
        refused = authentication_error(request, self._server.key)
        if refused is not None:
            return refused
        try:
            body = loads(await request.read())
        except ValueError:
            body = None
        return body if isinstance(body, dict) else error_response(400, "a JSON object was expected")

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


def _is_url(value: object) -> bool:
    return isinstance(value, str) and value.startswith(("http://", "https://"))
