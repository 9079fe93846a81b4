"""Uploads in three steps: a signed URL, a PUT to the object store, and the registration as media."""

from __future__ import annotations

import io
from dataclasses import dataclass
from hashlib import md5
from random import Random
from uuid import UUID

from aiohttp import web

from sandbox.clock import Clock
from sandbox.pillow import Image, UnidentifiedImageError
from sandbox.pixai.records import Media
from sandbox.pixai.snowflakes import media_id
from sandbox.signing import s3_error, s3_query

LIFETIME = 900  # seconds that an upload URL lives
SECRET = b"sandbox-pixai-uploads"
MAX_UPLOAD = 256 * 1024 * 1024  # bytes
XML = '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{}</Code><Message>{}</Message></Error>'
CHUNKED = "A header you provided implies functionality that is not implemented"
NO_LENGTH = "You must provide the Content-Length HTTP header."
TOO_LARGE = "Your proposed upload exceeds the maximum allowed size"


@dataclass(slots=True)
class _Upload:
    kind: str
    content: bytes | None = None
    content_type: str = ""
    media: Media | None = None


class Uploads:
    """The object store's side of it, and what has been put there."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._rng = Random(20240522)
        self._uploads: dict[str, _Upload] = {}

    def begin(self, origin: str, kind: str) -> tuple[str, str]:
        """A URL to PUT to and the external id that names the upload. kind: IMAGE or VIDEO."""
        key = str(UUID(int=self._rng.getrandbits(128), version=4))
        self._uploads[key] = _Upload(kind)
        path = f"/uploads/{key}"
        return f"{origin}{path}?{s3_query(path, self._clock(), LIFETIME, SECRET)}", key

    def register(self, key: str, kind: str, *, private: bool) -> Media:
        """The media that was uploaded, the same each time. Raises ValueError where there is none."""
        upload = self._uploads.get(key)
        if upload is None or upload.content is None:
            raise ValueError("externalId: nothing has been uploaded")
        if upload.kind != kind:
            raise ValueError(f"type: the upload is of type {upload.kind}")
        if upload.media is None:
            now = self._clock()
            width, height, found = _measured(upload)
            upload.media = Media(
                media_id(now, self._rng.getrandbits(16)),
                width,
                height,
                type="VIDEO" if kind == "VIDEO" else "IMAGE",
                image_type=found,
                since=now,
                content=upload.content,
                private=private,
            )
        return upload.media

    def routes(self) -> list[web.RouteDef]:
        """One; the signature is its key."""
        return [web.put("/uploads/{key}", self._put)]

    async def _put(self, request: web.Request) -> web.Response:
        error = s3_error(request.path, request.query, self._clock(), SECRET)
        if error is not None:
            return _error(403, *error)
        if "Transfer-Encoding" in request.headers:
            return _error(501, "NotImplemented", CHUNKED)
        if request.content_length is None:
            return _error(411, "MissingContentLength", NO_LENGTH)
        if request.content_length > MAX_UPLOAD:
            return _error(400, "EntityTooLarge", TOO_LARGE)
        content = b"".join([chunk async for chunk in request.content.iter_any()])
        upload = self._uploads[request.match_info["key"]]
        upload.content, upload.content_type = content, request.content_type
        return web.Response(headers={"ETag": f'"{md5(content, usedforsecurity=False).hexdigest()}"'})


def _measured(upload: _Upload) -> tuple[int | None, int | None, str | None]:
    """Width, height and type of a picture. Raises ValueError where the bytes are none."""
    if upload.kind == "VIDEO":
        return None, None, None
    try:
        with Image.open(io.BytesIO(upload.content or b"")) as image:
            image.verify()
            return image.width, image.height, f"image/{(image.format or '').lower()}"
    except (UnidentifiedImageError, OSError, SyntaxError, Image.DecompressionBombError):
        raise ValueError("externalId: the upload is not a picture") from None


def _error(status: int, code: str, message: str) -> web.Response:
    return web.Response(status=status, text=XML.format(code, message), content_type="application/xml")
