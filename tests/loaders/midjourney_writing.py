"""Midjourney's writes over a server of the test's own, which keeps what it was sent."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from loaders.creations import MidjourneyImagine
from loaders.credentials import Credential
from loaders.midjourney.proxy.client import MjProxyClient
from loaders.midjourney.writes import MidjourneyWrites
from tests.loaders.canned_server import Canned, Handler, serving
from tests.loaders.midjourney_records import node

HERON = MidjourneyImagine(prompt="a heron")
U1 = "MJ::JOB::upsample::1::c80d"
GRID = node(id="7", action="IMAGINE", buttons=[{"customId": U1}])
WINDOW = node(id="7", action="INPAINT", status="MODAL")


@asynccontextmanager
async def writing(handle: Handler, seconds: float = 5) -> AsyncIterator[tuple[MidjourneyWrites, Canned]]:
    """Writes to a server of the test's own, and what it sees."""
    async with serving(handle) as server:
        client = MjProxyClient(server.origin)
        await client.open()
        try:
            yield MidjourneyWrites(client, Credential({"mj_key": "k"}), seconds=seconds), server
        finally:
            await client.close()
