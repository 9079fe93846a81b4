"""Executions of the short way that wait until a test lets them go on."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from engine.direct import Direct
from tests.conftest import Client
from tests.server.sent import Sent, answer


class Held:
    """Put in front of every execution, or behind all that it does. begun, canceled: their texts."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, is_behind: bool = False) -> None:
        self.begun: list[str] = []
        self.canceled: list[str] = []
        self.open = asyncio.Event()
        self._news = asyncio.Event()
        execute = Direct.execute

        async def waiting(direct: Direct, entry: Any, text: str, context: Any, variables: Any) -> Any:
            self.begun.append(text)
            self._news.set()
            try:
                found = await execute(direct, entry, text, context, variables) if is_behind else None
                await self.open.wait()
            except asyncio.CancelledError:
                self.canceled.append(text)
                raise
            return found if is_behind else await execute(direct, entry, text, context, variables)

        monkeypatch.setattr(Direct, "execute", waiting)

    async def count(self, executions: int) -> None:
        """Wait until so many have begun, and for whatever else may begin."""
        async with asyncio.timeout(5):
            while len(self.begun) < executions:
                self._news.clear()
                await self._news.wait()
        await asyncio.sleep(0.1)
        assert len(self.begun) == executions


async def sent(graph: Client, *requests: Sent) -> list[asyncio.Task[tuple[int, dict[str, str], bytes]]]:
    """Each in a task of its own, and on its way."""
    tasks = [asyncio.create_task(answer(graph, one)) for one in requests]
    await asyncio.sleep(0.05)
    return tasks


def slow(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """Every execution takes so much longer."""
    execute = Direct.execute

    async def waiting(*given: Any) -> Any:
        await asyncio.sleep(seconds)
        return await execute(*given)

    monkeypatch.setattr(Direct, "execute", waiting)
