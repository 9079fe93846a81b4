"""PixAI tells the changes of all tasks of a key over one WebSocket: `personalEvents`, graphql-transport-ws.

While the socket is not there, polls take its place; it is opened again, ever more slowly.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from contextlib import aclosing, suppress
from typing import Any

from gql.transport.exceptions import TransportError
from gql.transport.websockets import WebsocketsTransport
from websockets.exceptions import WebSocketException

from loaders import coerce
from loaders.credentials import Credential
from loaders.errors import Malformed
from loaders.pixai import documents, normalise
from loaders.records import Provider
from loaders.rhythm import Retries, Rhythm
from loaders.stream import Ear, Stream

EVENTS = "wss://gw.pixai.art/graphql"
PROTOCOL = "graphql-transport-ws"
PATIENCE = 10.0  # seconds for the handshake, for connection_ack, and for a pong
PING = 20.0  # seconds between two signs of life
GOODBYE = 1.0  # seconds for what the socket has to say when it is closed
LARGEST = 4 * 1024 * 1024  # bytes of one message

# at DEBUG it would log the key, and below ERROR every socket that breaks, which is no news: polls go on
logging.getLogger("gql.transport").setLevel(logging.ERROR)

# whatever a socket fails with: the network's errors, the protocols', and gql's own
_FAILURES = (TransportError, WebSocketException, OSError, TimeoutError, ValueError)


class PixaiEvents(Stream):
    """One credential's socket, open while anything is followed."""

    def __init__(self, url: str, credential: Credential, rhythm: Rhythm, ear: Ear) -> None:
        self._url = url
        self._credential = credential
        self._rhythm = rhythm
        self._ear = ear
        self._keys: set[str] = set()
        self._is_live = False
        self._running: asyncio.Task[None] | None = None
        self._ending: set[asyncio.Task[None]] = set()

    def follow(self, key: str) -> None:
        """Open the socket for the first."""
        self._keys.add(key)
        if self._running is None:
            self._running = asyncio.create_task(self._run())

    def leave(self, key: str) -> None:
        """Close it with the last."""
        self._keys.discard(key)
        if not self._keys and self._running is not None:
            self._is_live = False
            self._running.cancel()
            self._ending.add(self._running)
            self._running.add_done_callback(self._ending.discard)
            self._running = None

    def is_live(self, key: str) -> bool:  # noqa: ARG002 - all tasks of the key, or none
        """Whether the socket is open and subscribed."""
        return self._is_live

    async def close(self) -> None:
        """Close it."""
        for key in list(self._keys):
            self.leave(key)
        await asyncio.gather(*self._ending, return_exceptions=True)

    async def _run(self) -> None:
        retries = Retries(self._rhythm)
        loop = asyncio.get_running_loop()
        while True:
            begun = loop.time()
            with suppress(*_FAILURES):
                await self._listen()
            if self._has_ended:
                return
            self._is_live = False
            if loop.time() - begun > self._rhythm.longest_retry:  # it was there, not just let in
                retries = Retries(self._rhythm)
            for key in list(self._keys):
                self._ear.look(key)
            await retries.pause(loop.time() - begun)

    @property
    def _has_ended(self) -> bool:
        """Whether this task was cancelled: gql waits by asyncio.wait_for, which in 3.11 may lose that."""
        return self._running is not asyncio.current_task()

    async def _listen(self) -> None:
        transport = WebsocketsTransport(
            self._url,
            init_payload={"token": self._credential.secrets["key"]},
            subprotocols=[PROTOCOL],
            connect_timeout=PATIENCE,
            ack_timeout=PATIENCE,
            close_timeout=GOODBYE,
            ping_interval=PING,
            pong_timeout=PATIENCE,
            connect_args={"max_size": LARGEST, "proxy": None, "close_timeout": GOODBYE},
        )
        try:
            await transport.connect()
            if self._has_ended:
                return
            self._is_live = True
            async with aclosing(transport.subscribe(documents.events())) as results:
                async for result in results:
                    self._hear(result.data)
        finally:
            await transport.close()

    def _hear(self, data: Mapping[str, Any] | None) -> None:
        events = coerce.mapping(coerce.mapping(data).get("personalEvents"))
        node = coerce.mapping(events.get("taskUpdated"))
        key = coerce.text(node.get("id"))
        if key is None or not self._ear.wants(key):
            return
        task = coerce.record(normalise.task, node, key, Provider.PIXAI)
        if not isinstance(task, Malformed):
            self._ear.whole(task)
