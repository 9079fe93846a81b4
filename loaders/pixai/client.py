"""The way to PixAI: gql for GraphQL, REST for the redirect to a picture."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from yarl import URL

from loaders import coerce
from loaders.creations import FileUpload
from loaders.credentials import Credential
from loaders.http import SourceClient, path_segment
from loaders.observer import SILENT, Observer
from loaders.pixai import error_codes
from loaders.pixai.documents import PrintedRequest
from loaders.pixai.transport import STATUS, PixaiTransport
from loaders.records import Provider

ORIGIN = "https://api.pixai.art"
PIECE = 256 * 1024  # bytes of a file that are held at once


class DocumentRefused(Exception):
    """PixAI answered `errors` and no `data`: some key, or the size, spoils the whole document.

    status: of HTTP, 200 or 400.
    """

    def __init__(self, errors: Sequence[Mapping[str, Any]], status: int = 200) -> None:
        super().__init__("PixAI refused the whole document")
        self.errors = errors
        self.status = status


@dataclass(frozen=True, slots=True)
class Answer:
    """A GraphQL answer with data; errors as sent."""

    data: Mapping[str, Any]
    errors: Sequence[Mapping[str, Any]] = ()


class PixaiClient(SourceClient):
    """Calls PixAI's GraphQL and REST APIs with the credential that each call brings."""

    provider = Provider.PIXAI

    def __init__(self, origin: str = ORIGIN, observer: Observer = SILENT) -> None:
        super().__init__(origin, observer)
        # without a session of gql's around it, whose time limit would take a fifth of the call's CPU
        self._graphql = PixaiTransport(self)

    async def execute(self, request: PrintedRequest, credential: Credential) -> Answer:
        """POST /graphql. Raises SourceError, or DocumentRefused where there are errors and no data."""
        result = await self._graphql.execute(request, headers=_authorization(credential))
        errors: Sequence[Any] = result.errors or ()  # as they were sent
        if result.data is not None:
            return Answer(result.data, errors)
        if error_codes.is_throttled(errors):
            raise error_codes.to_source_error(errors)
        raise DocumentRefused(errors, coerce.mapping(result.extensions).get(STATUS, 200))

    async def put_file(self, url: str, file: FileUpload) -> None:
        """PUT to the signed URL that PixAI gave, which is its key. Raises SourceError."""
        answer = await self.send_file(
            "PUT upload",
            URL(url, encoded=True),
            headers={"Content-Type": file.content_type},
            size=file.size,
            content=_pieces(file),
        )
        answer.checked()

    async def image_url(self, key: str, credential: Credential) -> str | None:
        """GET /v1/media/:id/image: where it redirects to; None where there is no such picture."""
        segment = path_segment(key)
        if segment is None:
            return None
        answer = await self.request(
            "GET /v1/media/:id/image", f"/v1/media/{segment}/image", headers=_authorization(credential)
        )
        if answer.status == 404:
            return None
        if answer.location is None:
            answer.checked()
        return coerce.url(answer.location)


def _authorization(credential: Credential) -> dict[str, str]:
    return {"Authorization": f"Bearer {credential.secrets['key']}"}


async def _pieces(file: FileUpload) -> AsyncIterator[bytes]:
    file.content.seek(0)
    while piece := await asyncio.to_thread(file.content.read, PIECE):
        yield piece
