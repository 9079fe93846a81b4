"""The way to PixAI: gql for GraphQL, aiohttp for REST; every failure a SourceError or a DocumentRefused."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import aiohttp
from gql import Client
from gql.client import AsyncClientSession
from gql.transport.aiohttp import AIOHTTPTransport
from gql.transport.exceptions import (
    TransportConnectionFailed,
    TransportError,
    TransportProtocolError,
    TransportQueryError,
    TransportServerError,
)
from yarl import URL

from loaders import coerce, exact_json, http
from loaders.credentials import Credential
from loaders.errors import Malformed, SourceError, from_status
from loaders.pixai import error_codes
from loaders.pixai.documents import PrintedRequest
from loaders.records import Provider

ORIGIN = "https://api.pixai.art"

logging.getLogger("gql.transport.aiohttp").setLevel(logging.INFO)  # at DEBUG it prints signed URLs


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


class PixaiClient:
    """Sends what it is given with the credential it is given. `async with` opens and closes it."""

    def __init__(self, origin: str = ORIGIN) -> None:
        self.origin = origin
        self.calls = 0  # HTTP requests made
        self._stack = AsyncExitStack()
        self._graphql: AsyncClientSession | None = None
        self._rest: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        """Make the connection pools; no call is made."""
        rest = aiohttp.ClientSession(**http.session_arguments())
        self._rest = await self._stack.enter_async_context(rest)
        # gql's transport makes a session of its own; it hands a JSON answer on whatever the status, so
        # the status is looked at before the body is
        transport = AIOHTTPTransport(
            url=f"{self.origin}/graphql",
            json_serialize=http.to_json,
            json_deserialize=_from_text,
            client_session_args=http.session_arguments() | {"raise_for_status": _check_status},
        )
        client = Client(transport=transport, execute_timeout=None)
        self._graphql = await self._stack.enter_async_context(client)

    async def close(self) -> None:
        """Close the pools."""
        await self._stack.aclose()

    async def execute(self, request: PrintedRequest, credential: Credential) -> Answer:
        """POST /graphql. Raises SourceError, or DocumentRefused where there are errors and no data."""
        assert self._graphql is not None, "open() first"
        self.calls += 1
        try:
            result = await self._graphql.execute(
                request, get_execution_result=True, extra_args={"headers": _authorization(credential)}
            )
        except TransportQueryError as error:
            if error.data is None:
                errors = coerce.items(error.errors)
                if error_codes.is_throttled(errors):
                    raise error_codes.to_source_error(errors) from None
                raise DocumentRefused(errors) from None
            return Answer(coerce.mapping(error.data), coerce.items(error.errors))
        except TransportError as error:
            raise _source_error(error) from None
        return Answer(coerce.mapping(result.data))

    async def image_url(self, key: str, credential: Credential) -> str | None:
        """GET /v1/media/:id/image: where it redirects to; None where there is no such picture."""
        assert self._rest is not None, "open() first"
        self.calls += 1
        path = f"{self.origin}/v1/media/{quote(key, safe='')}/image"
        try:
            async with self._rest.get(
                URL(path, encoded=True),
                headers=_authorization(credential),
                allow_redirects=False,
            ) as response:
                if response.status == 404:
                    return None
                if (error := http.status_error(response, Provider.PIXAI)) is not None:
                    raise error
                return response.headers.get("Location")
        except (aiohttp.ClientError, OSError) as error:
            raise http.transport_error(error, Provider.PIXAI) from None


def _authorization(credential: Credential) -> dict[str, str]:
    return {"Authorization": f"Bearer {credential.secrets['key']}"}


def _from_text(text: str) -> Any:
    return exact_json.loads(text.encode())


async def _check_status(response: aiohttp.ClientResponse) -> None:
    # 400 is read on: that is how a GraphQL server refuses a document
    if response.status != 400 and (error := http.status_error(response, Provider.PIXAI)) is not None:
        raise error


def _source_error(error: TransportError) -> SourceError:
    if isinstance(error, TransportConnectionFailed) and error.__cause__ is not None:
        return http.transport_error(error.__cause__, Provider.PIXAI)
    if isinstance(error, TransportServerError):
        found = from_status(error.code or 500, provider=Provider.PIXAI)
        if found is not None:
            return found
    said = (
        "sent an answer that is not JSON"
        if isinstance(error, TransportProtocolError)
        else "could not be asked"
    )
    return Malformed(f"PixAI {said}", provider=Provider.PIXAI)
