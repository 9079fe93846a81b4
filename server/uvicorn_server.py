"""uvicorn's server, stopped by this process's own signal handling.

Leans on `uvicorn.Server.capture_signals` and `shutdown`, which are public in name only;
tests/server/test_server_seams.py fails when they change.
"""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn


class Server(uvicorn.Server):
    """Stops on SIGINT or SIGTERM, and leaves the end of the process to whoever started it.

    uvicorn's own raises the signal again once it has stopped: that would end the process before the sources
    and the sandbox are closed.

    ending: called first when it stops; ends what would go on for hours.
    """

    def __init__(self, config: uvicorn.Config, ending: Callable[[], None] = lambda: None) -> None:
        super().__init__(config)
        self._ending = ending

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let running requests finish."""
        self._ending()
        await super().shutdown(sockets)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Handle both signals on the running loop."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        yield
