"""Writes through midjourney-proxy or new-api's relay: submits, buttons, cancelling."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from functools import partial
from typing import Any, NoReturn, TypeVar

from loaders.account import TaskWrites
from loaders.breaker import Breaker
from loaders.creations import (
    ButtonPress,
    Creation,
    FileUpload,
    MidjourneyBlend,
    MidjourneyDescribe,
    MidjourneyImagine,
)
from loaders.credentials import Credential
from loaders.errors import BadInput, NotSupported, OutcomeUnknown, Rejected
from loaders.http import path_segment
from loaders.midjourney import normalise, submits
from loaders.midjourney.proxy.client import MjProxyClient
from loaders.midjourney.proxy.submit_result import Submitted
from loaders.records import Capability, Provider, TaskRecord, TaskStatus
from loaders.send_once import send_once

MISSING = 600.0  # seconds that an operation is not announced, once the server had no route for it

_REROLL = "MJ::JOB::reroll::"
_BUTTON = "MJ::"  # how the ids of all of Midjourney's buttons begin

T = TypeVar("T")


class MidjourneyWrites(TaskWrites):
    """What midjourney-proxy takes of one credential.

    The Java server has neither buttons nor cancelling: what an operation shows that the server has no route
    for is not announced for a while. is_relay: it is new-api's relay, which has no cancelling either.

    seconds: how long one answer is waited for. allowed: origins that URLs may lead to, though they are not
    public (loaders.public_url). clock: seconds, monotonic.
    """

    def __init__(
        self,
        client: MjProxyClient,
        credential: Credential,
        *,
        seconds: float,
        allowed: Collection[str] = (),
        is_relay: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        # its own: a submit that Discord keeps waiting is no reason to leave look-ups alone
        self.breaker = Breaker(partial(client.observer.breaker_moved, Provider.MIDJOURNEY))
        self._client = client
        self._credential = credential
        self._seconds = seconds
        self._allowed = allowed
        self._clock = clock
        self._missing_until = {Capability.CANCEL: float("inf")} if is_relay else {}

    def capabilities(self) -> Iterable[Capability]:
        """What it takes, but for what the server has turned out not to have."""
        for capability in (Capability.CREATE, Capability.RERUN, Capability.ACT, Capability.CANCEL):
            if self._clock() >= self._missing_until.get(capability, 0.0):
                yield capability

    async def create(self, creation: Creation) -> str:
        """The new task's key."""
        match creation:
            case MidjourneyImagine():
                return await self._start("imagine", submits.imagine(creation, self._allowed))
            case MidjourneyBlend():
                return await self._start("blend", submits.blend(creation))
            case MidjourneyDescribe():
                return await self._start("describe", submits.describe(creation, self._allowed))
        raise TypeError(f"Midjourney makes no {type(creation).__name__}")

    async def rerun(self, task: TaskRecord) -> str:
        """The key of a new grid: by the reroll button if there is one, else by the prompt of an IMAGINE."""
        reroll = next((action.id for action in task.actions if action.id.startswith(_REROLL)), None)
        if reroll is not None:
            return _key(await self._press(task, reroll))
        body = submits.again(task)
        if body is None:
            _refuse("Midjourney cannot run this task again: it has no reroll button, and is no IMAGINE")
        return await self._start("imagine", body)

    async def press(self, task: TaskRecord, button: ButtonPress) -> str:
        """The key of the task that the button started; of the same one where it waited for a confirmation.

        A button that opens a window starts a task which waits for its confirmation: at once, where a prompt
        or a mask is given with it, else by another press, of the waiting task.
        """
        given = submits.confirmation(button, self._allowed)
        if task.status is TaskStatus.ACTION_REQUIRED:
            _check_confirmation(task, button.action_id)
            return await self._confirm(task.provider_id, given, self._seconds)
        if button.action_id not in {action.id for action in task.actions}:
            raise BadInput("Invalid `actionId`: expected the id of one of the task's `actions`")
        started = self._clock()
        pressed = await self._press(task, button.action_id)
        if pressed.awaits_confirmation and given:
            left = self._seconds - (self._clock() - started)  # both have the time of one
            return await self._confirm(_key(pressed), given, max(1.0, left))
        return _key(pressed)

    async def cancel(self, key: str) -> None:
        """Stop a task that waits or runs; nothing happens to one that has ended."""
        if self._missing_until.get(Capability.CANCEL) == float("inf"):
            _refuse("Midjourney's relay cancels no tasks")
        if key.startswith(normalise.UNLISTED) or path_segment(key) is None:
            raise Rejected("Midjourney has no task of this id", provider=Provider.MIDJOURNEY)
        await self._send(Capability.CANCEL, lambda: self._client.cancel(key, self._credential), self._seconds)

    async def delete(self, _key: str) -> None:
        """Neither server removes a task."""
        _refuse("Midjourney does not delete tasks")

    async def upload(self, _file: FileUpload) -> str:
        """Midjourney keeps no pictures."""
        _refuse("Midjourney keeps no uploaded pictures: give them with the task")

    async def _start(self, name: str, body: Mapping[str, Any]) -> str:
        return _key(await self._submit(Capability.CREATE, name, body))

    async def _press(self, task: TaskRecord, custom_id: str) -> Submitted:
        body = {"taskId": task.provider_id, "customId": custom_id}
        return await self._submit(Capability.ACT, "action", body)

    async def _confirm(self, key: str, given: Mapping[str, Any], seconds: float) -> str:
        body = {"taskId": key, **given}
        return (await self._submit(Capability.ACT, "modal", body, seconds)).key or key

    async def _submit(
        self, capability: Capability, name: str, body: Mapping[str, Any], seconds: float | None = None
    ) -> Submitted:
        return await self._send(
            capability, lambda: self._client.submit(name, body, self._credential), seconds or self._seconds
        )

    async def _send(self, capability: Capability, call: Callable[[], Awaitable[T]], seconds: float) -> T:
        try:
            return await send_once(call, provider=Provider.MIDJOURNEY, breaker=self.breaker, seconds=seconds)
        except NotSupported:
            if capability is not Capability.CREATE:  # one kind of task is missing, not all
                self._missing_until[capability] = self._clock() + MISSING
            raise


def _key(submitted: Submitted) -> str:
    if submitted.key is None:
        said = "Midjourney accepted the request, and did not say which task it is"
        raise OutcomeUnknown(said, provider=Provider.MIDJOURNEY)
    return submitted.key


def _check_confirmation(task: TaskRecord, action_id: str) -> None:
    """It is the task's own action, or the button that led there, which not every server names."""
    if action_id not in {action.id for action in task.actions} and not action_id.startswith(_BUTTON):
        raise BadInput("Invalid `actionId`: expected the id of one of the task's `actions`")


def _refuse(said: str) -> NoReturn:
    raise NotSupported(said, provider=Provider.MIDJOURNEY)
