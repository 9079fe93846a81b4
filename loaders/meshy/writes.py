"""What Meshy can be asked to change. It has no way to stop a task, and does not tell what one began with."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from typing import Any, TypeVar
from urllib.parse import urlsplit

import orjson

from loaders import creation_checks, exact_json, images, public_url
from loaders.breaker import Breaker
from loaders.cache import Cache, request_lifetime
from loaders.creations import ButtonPress, Creation, FileUpload, MeshyImageToImage
from loaders.credentials import Credential
from loaders.errors import BadInput, InvalidId, NotSupported, Rejected
from loaders.meshy.client import PATHS, MeshyClient
from loaders.pace import Pace
from loaders.records import Capability, Provider, TaskRecord
from loaders.send_once import send_once

RESOURCE = "image-to-image"
MOST_IMAGES = 5
TYPES = ("image/png", "image/jpeg", "image/jpg")
_SUFFIXES = frozenset({"jpg", "jpeg", "png"})

T = TypeVar("T")


class MeshyWrites:
    """Of one credential.

    seconds: how long one answer is waited for. allowed: origins of URLs that pass although they are not
    public.
    """

    def __init__(
        self,
        client: MeshyClient,
        credential: Credential,
        breaker: Breaker,
        *,
        seconds: float,
        pace: Pace,
        allowed: Collection[str] = (),
    ) -> None:
        self._client = client
        self._credential = credential
        self._breaker = breaker
        self._seconds = seconds
        self._pace = pace
        self._allowed = allowed
        self._requests: Cache[bytes] = Cache(request_lifetime)  # by the key of the task that it made

    def capabilities(self) -> Iterable[Capability]:
        """Deletion is the only way to stop a task."""
        return (Capability.CREATE, Capability.RERUN, Capability.DELETE)

    async def create(self, creation: Creation) -> str:
        """POST image-to-image."""
        if not isinstance(creation, MeshyImageToImage):
            raise NotSupported("Meshy makes no such task", provider=Provider.MESHY)
        return await self._create(RESOURCE, body(creation, self._allowed))

    async def rerun(self, task: TaskRecord) -> str:
        """The same request once more, where it is known: of what this process has made."""
        request = self._requests.get(task.key)
        if request is None:
            said = "Meshy does not tell the pictures that this task began with: create it again with them"
            raise NotSupported(said, provider=Provider.MESHY)
        return await self._create(task.key.partition(":")[0], exact_json.loads(request))

    async def press(self, task: TaskRecord, button: ButtonPress) -> str:  # noqa: ARG002
        """Never: its tasks have no buttons."""
        raise NotSupported("Meshy's tasks have no actions", provider=Provider.MESHY)

    async def cancel(self, key: str) -> None:  # noqa: ARG002
        """Never."""
        raise NotSupported("Meshy cannot stop a task; deleteTask removes it", provider=Provider.MESHY)

    async def delete(self, key: str) -> None:
        """DELETE <resource>/:id."""
        resource, _, task_id = key.partition(":")
        if resource not in PATHS or not task_id:
            raise InvalidId(f"Invalid Meshy key: expected <{'|'.join(PATHS)}>:<id>")
        if not await self._once(lambda: self._client.delete_task(resource, task_id, self._credential)):
            raise Rejected("Meshy has no such task", provider=Provider.MESHY)

    async def upload(self, file: FileUpload) -> str:  # noqa: ARG002
        """Never: pictures come as data URLs or addresses."""
        raise NotSupported("Meshy takes no uploads", provider=Provider.MESHY)

    async def _create(self, resource: str, body: Mapping[str, Any]) -> str:
        task_id = await self._once(lambda: self._client.create_task(resource, body, self._credential))
        key = f"{resource}:{task_id}"
        self._requests.put(key, orjson.dumps(body))
        return key

    async def _once(self, call: Callable[[], Awaitable[T]]) -> T:
        return await send_once(
            call, provider=Provider.MESHY, breaker=self._breaker, seconds=self._seconds, pace=self._pace
        )


def body(creation: MeshyImageToImage, allowed: Collection[str] = ()) -> dict[str, Any]:
    """As the POST takes it; named parameters win over the others. Raises BadInput."""
    urls = creation.reference_image_urls
    if not 1 <= len(urls) <= MOST_IMAGES:
        said = f"expected 1 to {MOST_IMAGES} pictures"
        raise BadInput(f"Invalid `referenceImageUrls`: {said}")
    more = creation_checks.parameters(creation.parameters, allowed)
    return more | {
        "ai_model": creation_checks.text(creation.ai_model, "aiModel"),
        "prompt": creation_checks.text(creation.prompt, "prompt"),
        "reference_image_urls": [
            _picture(url, f"referenceImageUrls[{index}]", allowed) for index, url in enumerate(urls)
        ],
        "generate_multi_view": bool(creation.generate_multi_view),
    }


def _picture(url: str, field: str, allowed: Collection[str]) -> str:
    if images.is_data_url(url):
        return images.checked(url, field, TYPES)
    public_url.checked(url, field, allowed)
    # one without an extension may be any picture: Meshy judges
    name, _, suffix = urlsplit(url).path.rpartition("/")[2].rpartition(".")
    if name and suffix.lower() not in _SUFFIXES:
        raise BadInput(f"Invalid `{field}`: expected a picture of the type jpg, jpeg or png")
    return url
