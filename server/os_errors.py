"""Why the system refused something."""

from __future__ import annotations

import os
import socket


def reason(error: OSError) -> str:
    """The system's own words, without what asyncio adds to them."""
    if isinstance(error, socket.gaierror) or error.errno is None:
        return error.strerror or str(error)
    return os.strerror(error.errno)
