"""How much has changed, as far as this server has heard: whoever shares something looks whether it still may.

list asked for, 5 heard ──► a task is deleted: 6 ──► asked for again, 6 heard: not the same list
"""

from __future__ import annotations


class Changes:
    """Writes that ended, and updates of watched tasks that were told. Of one process."""

    def __init__(self) -> None:
        self._count = 0

    @property
    def count(self) -> int:
        """So far; it only grows."""
        return self._count

    def add(self) -> None:
        """One more."""
        self._count += 1
