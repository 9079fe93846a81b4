"""The way to Meshy: one session, every failure a SourceError."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import aiohttp
from yarl import URL

from loaders import coerce, exact_json, http
from loaders.credentials import Credential
from loaders.errors import Malformed, Rejected
from loaders.records import Provider

ORIGIN = "https://api.meshy.ai"

# The resources whose results are pictures. Whatever else Meshy makes (models, motions) is not asked for.
PATHS = {
    "image-to-image": "/openapi/v1/image-to-image",
    "text-to-image": "/openapi/v1/text-to-image",
}


class MeshyClient:
    """Asks with the credential it is given. origin: "https://api.meshy.ai"."""

    def __init__(self, origin: str = ORIGIN) -> None:
        self.origin = origin
        self.calls = 0  # HTTP requests made
        self._session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        """Make the connection pool; no call is made."""
        self._session = aiohttp.ClientSession(**http.session_arguments())

    async def close(self) -> None:
        """Close the pool."""
        if self._session is not None:
            await self._session.close()

    async def get_task(self, resource: str, id: str, credential: Credential) -> Mapping[str, Any] | None:
        """GET /openapi/v1/<resource>/:id; None where there is none. resource: one of PATHS."""
        segment = _segment(id)
        if segment is None:
            return None
        url = URL(f"{self.origin}{PATHS[resource]}/{segment}", encoded=True)
        try:
            answer = await self._get(url, credential)
        except Rejected as error:
            if error.upstream_status == 404:
                return None
            raise
        if not isinstance(answer, Mapping):
            raise _malformed("something else than a task")
        return answer

    async def list_tasks(
        self, resource: str, page_num: int, page_size: int, credential: Credential
    ) -> list[Mapping[str, Any]]:
        """GET /openapi/v1/<resource>: newest first. page_num: from 1; page_size: at most 50."""
        # The order when nothing is said is not documented. Through `params` the sign is encoded; a bare +
        # would arrive as a space.
        query: dict[str, str | int] = {
            "page_num": page_num,
            "page_size": page_size,
            "sort_by": "-created_at",
        }
        answer = await self._get(URL(f"{self.origin}{PATHS[resource]}"), credential, query)
        if not isinstance(answer, list) or not all(isinstance(row, Mapping) for row in answer):
            raise _malformed("something else than a list of tasks")
        return answer

    async def _get(
        self, url: URL, credential: Credential, query: Mapping[str, str | int] | None = None
    ) -> Any:
        """The JSON of the answer. A redirect is not followed: it would take the key along."""
        assert self._session is not None, "open() first"
        self.calls += 1
        headers = {"Authorization": f"Bearer {credential.secrets['key']}"}
        try:
            async with self._session.get(
                url, params=query, headers=headers, allow_redirects=False
            ) as response:
                if (error := http.status_error(response, Provider.MESHY)) is not None:
                    raise error
                if response.status >= 300:
                    raise _malformed("a redirect")
                return exact_json.loads(await response.read())
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise http.transport_error(error, Provider.MESHY) from None


def _segment(id: str) -> str | None:
    """The id as one segment of a path; None for one that no path can carry, so that no task has it.

    "a/b" -> "a%2Fb". Servers and proxies resolve `.` and `..` even where they are encoded, so that
    `../balance` would be another resource.
    """
    if any(part in {"", ".", ".."} for part in id.replace("\\", "/").split("/")):
        return None
    return quote(id, safe="") if coerce.is_text(id) else None


def _malformed(said: str) -> Malformed:
    return Malformed(f"Meshy sent {said}", provider=Provider.MESHY)
