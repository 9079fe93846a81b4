"""The messages of operating system errors."""

from __future__ import annotations

import os
import socket


def reason(error: OSError) -> str:
    """The system's own message, without what asyncio adds to it."""
    if isinstance(error, socket.gaierror) or error.errno is None:
        return error.strerror or str(error)
    return os.strerror(error.errno)
