"""uvicorn's server, stopped by this process's own signal handling.

Leans on `uvicorn.Server.capture_signals`, which is public in name only; tests/server/test_server_seams.py
fails when it changes.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn


class Server(uvicorn.Server):
    """Stops on SIGINT or SIGTERM, and leaves the end of the process to whoever started it.

    uvicorn's own raises the signal again once it has stopped: that would end the process before the sources
    and the sandbox are closed.
    """

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Handle both signals on the running loop."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        yield
