"""The fastest event loop of the platform."""

from __future__ import annotations

import sys
from typing import Any


def factory() -> Any:
    """What makes it; None for Python's own."""
    if sys.platform == "win32":
        return None
    import uvloop  # noqa: PLC0415 - commands' help needs no event loop

    return uvloop.new_event_loop
