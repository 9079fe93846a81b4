"""The way to PixAI: gql for GraphQL, REST for the redirect to a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from loaders import coerce
from loaders.credentials import Credential
from loaders.http import SourceClient, path_segment
from loaders.observer import SILENT, Observer
from loaders.pixai import error_codes
from loaders.pixai.documents import PrintedRequest
from loaders.pixai.transport import PixaiTransport
from loaders.records import Provider

ORIGIN = "https://api.pixai.art"


class DocumentRefused(Exception):
    """PixAI answered `errors` and no `data`: some key, or the size, spoils the whole document."""

    def __init__(self, errors: Sequence[Mapping[str, Any]]) -> None:
        super().__init__("PixAI refused the whole document")
        self.errors = errors


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
        raise DocumentRefused(errors)

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
