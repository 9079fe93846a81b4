"""The sources that a process asks, and the sandbox behind those that are not configured."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

from loaders.observer import SILENT, Observer
from loaders.sources import Sources
from server.os_errors import reason
from server.settings import Settings
from server.source_config import source_settings, wants_sandbox

if TYPE_CHECKING:
    from sandbox import Sandbox


class SandboxUnavailable(Exception):
    """The settings ask for the sandbox, and it cannot start. The message says why, in a few words."""


@asynccontextmanager
async def open_sources(settings: Settings, observer: Observer = SILENT) -> AsyncIterator[Sources]:
    """The sources, and the sandbox behind them where the settings ask for it. Raises SandboxUnavailable.

    observer: notified of every call.
    """
    async with AsyncExitStack() as opened:
        box = await sandbox_for(settings, opened)
        yield await opened.enter_async_context(Sources(source_settings(settings, box), observer))


async def sandbox_for(settings: Settings, opened: AsyncExitStack) -> Sandbox | None:
    """The sandbox, until `opened` is closed; None where no source needs it. Raises SandboxUnavailable."""
    return await _started(opened) if wants_sandbox(settings) else None


def load_sandbox() -> Callable[..., AbstractAsyncContextManager[Sandbox]]:
    """`sandbox.start`. Raises SandboxUnavailable without Pillow, which live sources do not need."""
    try:
        from sandbox import start  # noqa: PLC0415 - Pillow may be missing
    except ImportError as error:
        if error.name != "PIL":
            raise
        raise SandboxUnavailable(str(error)) from None
    return start


async def _started(opened: AsyncExitStack) -> Sandbox:
    start = load_sandbox()
    try:
        return await opened.enter_async_context(start())
    except OSError as error:
        raise SandboxUnavailable(reason(error)) from error
