"""A client of graphql-transport-ws that sends what it is given, right or wrong."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp

from tests.conftest import Client


@dataclass
class OpenSocket:
    """After `connection_ack`."""

    wire: aiohttp.ClientWebSocketResponse

    async def ask(self, payload: dict[str, Any]) -> list[tuple[str, Any]]:
        """Type and payload of what comes back, without the requests' ids, until the operation has ended."""
        await self.wire.send_json({"type": "subscribe", "id": "1", "payload": payload})
        found: list[tuple[str, Any]] = []
        while not found or found[-1][0] == "next":
            message = await self.wire.receive_json()
            told = message.get("payload")
            for error in told if isinstance(told, list) else (told or {}).get("errors", ()):
                error["extensions"].pop("requestId")
            found.append((message["type"], told))
        return found


@asynccontextmanager
async def opened(graph: Client) -> AsyncIterator[OpenSocket]:
    """An open one."""
    address = graph.origin.replace("http", "ws", 1) + "/graphql"
    async with graph.session.ws_connect(address, protocols=["graphql-transport-ws"]) as wire:
        await wire.send_json({"type": "connection_init"})
        assert (await wire.receive_json())["type"] == "connection_ack"
        yield OpenSocket(wire)
