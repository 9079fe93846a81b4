"""What PixAI can be asked to change."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from typing import Any, TypeVar

from loaders import coerce, creation_checks, http, public_url, retry
from loaders.breaker import Breaker
from loaders.creations import ButtonPress, Creation, FileUpload, PixaiCreation
from loaders.credentials import Credential
from loaders.errors import BadInput, NotSupported, Rejected
from loaders.pixai import documents, error_codes
from loaders.pixai.client import Answer, DocumentRefused, PixaiClient
from loaders.pixai.documents import PrintedRequest
from loaders.records import Capability, Provider, TaskRecord
from loaders.send_once import send_once

SLOWEST = 64 * 1024  # bytes a second of an upload

T = TypeVar("T")


class PixaiWrites:
    """Of one credential.

    seconds: how long one answer is waited for. allowed: origins of URLs that pass although they are not
    public.
    """

    def __init__(
        self,
        client: PixaiClient,
        credential: Credential,
        breaker: Breaker,
        *,
        seconds: float,
        allowed: Collection[str] = (),
    ) -> None:
        self._client = client
        self._credential = credential
        self._breaker = breaker
        self._seconds = seconds
        self._allowed = allowed

    def capabilities(self) -> Iterable[Capability]:
        """All but buttons, which PixAI has none of."""
        return (
            Capability.CREATE,
            Capability.RERUN,
            Capability.CANCEL,
            Capability.DELETE,
            Capability.UPLOAD,
        )

    async def create(self, creation: Creation) -> str:
        """A task from parameters (createGenerationTask)."""
        if not isinstance(creation, PixaiCreation):
            raise NotSupported("PixAI makes no such task", provider=Provider.PIXAI)
        return await self._create(parameters(creation, self._allowed))

    async def rerun(self, task: TaskRecord) -> str:
        """The same parameters once more, as a new task."""
        given = coerce.mapping(task.parameters)
        if not given:
            said = "PixAI does not tell the parameters of this task"
            raise NotSupported(said, provider=Provider.PIXAI)
        return await self._create(creation_checks.sendable(given))

    async def press(self, task: TaskRecord, button: ButtonPress) -> str:  # noqa: ARG002
        """Never: its tasks have no buttons."""
        raise NotSupported("PixAI's tasks have no actions", provider=Provider.PIXAI)

    async def cancel(self, key: str) -> None:
        """Ask for its end; one that has ended stays as it is."""
        if await self._changed(documents.cancel(_checked(key)), "cancelGenerationTask") is None:
            raise _no_such_task()

    async def delete(self, key: str) -> None:
        """Take it out of the lists; PixAI answers the same whether there was one or not."""
        await self._changed(documents.delete(_checked(key)), "deleteGenerationTask")

    async def upload(self, file: FileUpload) -> str:
        """A signed URL, the bytes, the registration. Until the last, nothing has been done."""
        begun = await self._read(lambda: self._upload(None), self._seconds)
        url, external_id = coerce.url(begun.get("uploadUrl")), coerce.text(begun.get("externalId"))
        if url is None or external_id is None:
            raise http.malformed(Provider.PIXAI, "no address for an upload")
        await self._read(lambda: self._client.put_file(url, file), self._seconds + file.size / SLOWEST)

        async def register() -> str:
            media_key = coerce.text((await self._upload(external_id)).get("mediaId"))
            if media_key is None:
                raise http.malformed(Provider.PIXAI, "no id of a picture")
            return media_key

        return await self._once(register)

    async def _create(self, parameters: Mapping[str, Any]) -> str:
        async def created() -> str:
            node = await self._answer(documents.create(parameters), "createGenerationTask")
            key = coerce.text(coerce.mapping(node).get("id"))
            if key is None:
                raise http.malformed(Provider.PIXAI, "no id of a task")
            return key

        return await self._once(created)

    async def _upload(self, external_id: str | None) -> Mapping[str, Any]:
        return coerce.mapping(await self._answer(documents.upload(external_id), "uploadMedia"))

    async def _changed(self, request: PrintedRequest, field: str) -> object:
        return await self._once(lambda: self._answer(request, field))

    async def _answer(self, request: PrintedRequest, field: str) -> object:
        """What the field says. Raises what its errors stand for."""
        try:
            answer: Answer = await self._client.execute(request, self._credential)
        except DocumentRefused as refused:
            raise error_codes.to_write_error(refused.errors, refused.status) from None
        if answer.errors:
            raise error_codes.to_write_error(answer.errors, 200)
        return answer.data.get(field)

    async def _once(self, call: Callable[[], Awaitable[T]]) -> T:
        return await send_once(call, provider=Provider.PIXAI, breaker=self._breaker, seconds=self._seconds)

    async def _read(self, call: Callable[[], Awaitable[T]], seconds: float) -> T:
        """A step that makes nothing: how it fails is certain."""
        return await retry.read(
            call,
            provider=Provider.PIXAI,
            breaker=self._breaker,
            seconds=seconds,
            observer=self._client.observer,
        )


def parameters(creation: PixaiCreation, allowed: Collection[str] = ()) -> dict[str, Any]:
    """As createGenerationTask takes them; named ones win over the others. Raises BadInput."""
    if creation.media_key is not None and creation.media_url is not None:
        raise BadInput("Invalid `mediaUrl`: expected either `mediaId` or `mediaUrl`, not both")
    if creation.media_url is not None:
        public_url.checked(creation.media_url, "mediaUrl", allowed)
    named = {
        "prompts": creation_checks.text(creation.prompt, "prompt"),
        "negativePrompts": creation_checks.optional_text(creation.negative_prompt, "negativePrompt"),
        "modelId": creation_checks.optional_text(creation.model_id, "modelId"),
        "width": creation_checks.whole(creation.width, "width"),
        "height": creation_checks.whole(creation.height, "height"),
        "batchSize": creation_checks.whole(creation.batch_size, "batchSize"),
        "seed": creation_checks.whole(creation.seed, "seed", 0),
        "samplingSteps": creation_checks.whole(creation.steps, "steps"),
        "samplingMethod": creation_checks.optional_text(creation.sampler, "sampler"),
        "cfgScale": creation_checks.number(creation.cfg_scale, "cfgScale"),
        "strength": creation_checks.number(creation.strength, "strength", 1),
        "mediaId": creation_checks.optional_text(creation.media_key, "mediaId"),
        "mediaUrl": creation.media_url,
    }
    more = creation_checks.parameters(creation.parameters, allowed)
    for one, other in (("mediaId", "mediaUrl"), ("mediaUrl", "mediaId")):
        if named[one] is not None:
            more.pop(other, None)
    return more | {
        name: creation_checks.sendable(value) for name, value in named.items() if value is not None
    }


def _checked(key: str) -> str:
    """Raises Rejected for what no id of PixAI can be."""
    if not coerce.is_text(key):
        raise _no_such_task()
    return key


def _no_such_task() -> Rejected:
    return Rejected("PixAI has no such task", provider=Provider.PIXAI)
