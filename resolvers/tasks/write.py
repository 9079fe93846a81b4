"""What can be done to tasks: which source does it, whether the caller may, and that it is sent once.

role -> id -> source -> capability -> time and budget -> idempotency key -> resolvers.writes -> the source
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial

from loaders import ids
from loaders.account import Account, TaskWrites
from loaders.creations import ButtonPress, Creation
from loaders.errors import Forbidden, NotSupported, Rejected, TimedOut
from loaders.ids import GlobalId, Kind
from loaders.records import Capability, Provider, TaskRecord
from resolvers.context import RequestContext, Role
from resolvers.idempotency import scope
from resolvers.need import Need
from resolvers.writes import Write, Writes


@dataclass(frozen=True, slots=True)
class TaskWritten:
    """What a source has confirmed. key: of the task, at the provider."""

    provider: Provider
    key: str

    @property
    def task_id(self) -> str:
        """Its global id."""
        return ids.task_id(self.provider, self.key)

    @property
    def deleted_id(self) -> str:
        """The same, of a task that was deleted."""
        return self.task_id

    def task(self) -> Need:
        """It as it stands now."""
        return Need("task", self.provider, self.key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A write that may be sent. calls: upstream. reads: whether it begins with a look-up of the task."""

    field: str
    account: Account
    port: TaskWrites
    calls: int = 1
    reads: bool = False
    input: Mapping[str, object] | None = None
    idempotency_key: str | None = None


async def create(
    context: RequestContext, provider: Provider, creation: Creation, idempotency_key: str | None
) -> TaskWritten:
    """Start a task."""
    account, port = permitted(context, provider, "createTask", Capability.CREATE)
    asked = Asked(
        field="createTask",
        account=account,
        port=port,
        input={"input": creation},
        idempotency_key=scope.checked(idempotency_key),
    )
    return await _written(context, asked, lambda: port.create(creation))


async def rerun(context: RequestContext, id: str, idempotency_key: str | None) -> TaskWritten:
    """Start a task like this one."""
    task, account, port = _of_task(context, id, "rerunTask", Capability.RERUN)
    asked = Asked(
        field="rerunTask",
        account=account,
        port=port,
        reads=True,
        input={"id": str(task)},
        idempotency_key=scope.checked(idempotency_key),
    )
    return await _written(context, asked, partial(_with_task, context, task, port.rerun))


async def perform_action(
    context: RequestContext, id: str, press: ButtonPress, idempotency_key: str | None
) -> TaskWritten:
    """Press a button of a task."""
    task, account, port = _of_task(context, id, "performAction", Capability.ACT)

    async def pressed(record: TaskRecord) -> str:
        return await port.press(record, press)

    asked = Asked(
        field="performAction",
        account=account,
        port=port,
        reads=True,
        input={"taskId": str(task), "press": press},
        idempotency_key=scope.checked(idempotency_key),
    )
    return await _written(context, asked, partial(_with_task, context, task, pressed), touches=task.key)


async def cancel(context: RequestContext, id: str) -> TaskWritten:
    """Stop a task."""
    task, account, port = _of_task(context, id, "cancelTask", Capability.CANCEL)

    async def canceled() -> str:
        await port.cancel(task.key)
        return task.key

    asked = Asked(field="cancelTask", account=account, port=port)
    return await _written(context, asked, canceled, touches=task.key)


async def delete(context: RequestContext, id: str) -> TaskWritten:
    """Remove a task."""
    task, account, port = _of_task(context, id, "deleteTask", Capability.DELETE)

    async def deleted() -> str:
        await port.delete(task.key)
        return task.key

    asked = Asked(field="deleteTask", account=account, port=port)
    return await _written(context, asked, deleted, touches=task.key)


def permitted(
    context: RequestContext, provider: Provider, field: str, capability: Capability
) -> tuple[Account, TaskWrites]:
    """The account and its port. Raises Forbidden, NotConfigured, NotSupported."""
    if context.caller.role < Role.WRITE:
        raise Forbidden(f"{field} requires the write role")
    account = context.account(provider)
    port = account.writes
    if port is None or capability not in port.capabilities():
        raise NotSupported(f"{field} is not supported for {provider.label}", provider=provider)
    return account, port


def running(context: RequestContext, provider: Provider, calls: int) -> Writes:
    """Where it is carried out. Raises LimitExceeded, TimedOut: what is not begun in time is not begun."""
    assert context.writes is not None, "a context that may change something has its Writes"
    if asyncio.get_running_loop().time() >= context.deadline:
        raise TimedOut(
            f"No time was left to send it to {provider.label}: nothing was done", provider=provider
        )
    context.budget.spend_calls(calls)
    return context.writes


def begin(context: RequestContext) -> None:
    """From now on a client that leaves ends nothing."""
    context.has_begun_write = True


def _of_task(
    context: RequestContext, id: str, field: str, capability: Capability
) -> tuple[GlobalId, Account, TaskWrites]:
    if context.caller.role < Role.WRITE:
        raise Forbidden(f"{field} requires the write role")
    task = ids.parse(id, Kind.TASK)
    return task, *permitted(context, task.provider, field, capability)


async def _with_task(
    context: RequestContext, task: GlobalId, send: Callable[[TaskRecord], Awaitable[str]]
) -> str:
    record: TaskRecord | None = await context.settle(Need("task", task.provider, task.key))
    if record is None:
        raise Rejected(f"{task.provider.label} has no such task", provider=task.provider)
    return await send(record)


async def _written(
    context: RequestContext, asked: Asked, send: Callable[[], Awaitable[str]], touches: str | None = None
) -> TaskWritten:
    provider, key = asked.account.provider, asked.idempotency_key
    writes = running(context, provider, asked.calls)

    def forget(written: str | None) -> None:
        for one in {touches, written} - {None}:
            assert one is not None
            context.invalidate(provider, one)

    left = context.deadline - asyncio.get_running_loop().time() if asked.reads else 0.0
    write = Write(
        field=asked.field,
        provider=provider,
        send=send,
        after=forget,
        seconds=writes.seconds + left,
        scope=key and writes.scope(context.caller.name, provider, asked.account.fingerprint, key),
        input=scope.input_digest(asked.field, asked.input or {}) if key else "",
    )
    try:
        return TaskWritten(provider, await writes.run(write, partial(begin, context)))
    finally:  # whatever came of it: also where that is not known, or another process has sent it
        asked.account.has_changed()
