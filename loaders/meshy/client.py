"""The way to Meshy: every failure a SourceError."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from loaders import coerce
from loaders.credentials import Credential
from loaders.http import SourceClient, malformed, path_segment
from loaders.observer import SILENT, Observer
from loaders.records import Provider
from loaders.server_events import Event, EventStreams

ORIGIN = "https://api.meshy.ai"

# The resources whose results are pictures. Whatever else Meshy makes (models, motions) is not asked for.
PATHS = {
    "image-to-image": "/openapi/v1/image-to-image",
    "text-to-image": "/openapi/v1/text-to-image",
}


class MeshyClient(SourceClient):
    """Calls Meshy's API with the credential that each call brings."""

    provider = Provider.MESHY

    def __init__(self, origin: str = ORIGIN, observer: Observer = SILENT) -> None:
        super().__init__(origin, observer)
        self._streams = EventStreams(self.provider)

    async def close(self) -> None:
        """Close the pool and whatever streams."""
        await self._streams.close()
        await super().close()

    @asynccontextmanager
    async def follow(
        self, resource: str, id: str, credential: Credential, *, quiet: float
    ) -> AsyncIterator[AsyncIterator[Event]]:
        """GET /openapi/v1/<resource>/:id/stream: its events. quiet: seconds that it may say nothing.

        An unknown task is an event, after a status of 200. Raises SourceError.
        """
        segment = path_segment(id)
        if segment is None:
            raise malformed(Provider.MESHY, "no such task")
        self.calls += 1
        url = f"{self.origin}{PATHS[resource]}/{segment}/stream"
        async with self._streams.open(url, _authorization(credential), quiet) as events:
            yield events

    async def get_task(self, resource: str, id: str, credential: Credential) -> Mapping[str, Any] | None:
        """GET /openapi/v1/<resource>/:id; None where there is none. resource: one of PATHS."""
        segment = path_segment(id)
        if segment is None:
            return None
        path = PATHS[resource]
        answer = await self.request(
            f"GET {path}/:id", f"{path}/{segment}", headers=_authorization(credential)
        )
        if answer.status == 404:
            return None
        node = answer.checked().json()
        if not isinstance(node, Mapping):
            raise malformed(Provider.MESHY, "something other than a task")
        return node

    async def list_tasks(
        self, resource: str, page_num: int, page_size: int, credential: Credential
    ) -> list[Mapping[str, Any]]:
        """GET /openapi/v1/<resource>: newest first. page_num: from 1; page_size: at most 50."""
        # The order when nothing is said is not documented. A bare + would arrive as a space.
        path = PATHS[resource]
        query = f"page_num={page_num}&page_size={page_size}&sort_by=-created_at"
        answer = await self.request(f"GET {path}", f"{path}?{query}", headers=_authorization(credential))
        rows = answer.checked().json()
        if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
            raise malformed(Provider.MESHY, "something other than a list of tasks")
        return rows

    async def create_task(self, resource: str, body: Mapping[str, Any], credential: Credential) -> str:
        """POST /openapi/v1/<resource>: the new task's id. resource: one of PATHS. Raises SourceError."""
        path = PATHS[resource]
        answer = await self.request(f"POST {path}", path, headers=_authorization(credential), json=body)
        task_id = coerce.text(coerce.mapping(answer.checked().json()).get("result"))
        if task_id is None:
            raise malformed(Provider.MESHY, "no id of a task")
        return task_id

    async def delete_task(self, resource: str, id: str, credential: Credential) -> bool:
        """DELETE /openapi/v1/<resource>/:id; False where there is none. Its answer is empty."""
        segment = path_segment(id)
        if segment is None:
            return False
        path = PATHS[resource]
        answer = await self.request(
            f"DELETE {path}/:id", f"{path}/{segment}", headers=_authorization(credential)
        )
        if answer.status == 404:
            return False
        answer.checked()
        return True


def _authorization(credential: Credential) -> dict[str, str]:
    return {"Authorization": f"Bearer {credential.secrets['key']}"}
