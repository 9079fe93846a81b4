"""Entries by exact text and operation name, bounded by size: the least recently used go first."""

from __future__ import annotations

from collections import OrderedDict

from engine.entry import Entry, Reader

KEPT = 32 * 1024  # characters: a longer document is read anew each time
CAPACITY = 512 * 1024  # characters of all that are kept, whose documents take 85 times as many bytes: 43 MB


class Entries:
    """One for a schema and its limits."""

    def __init__(self, reader: Reader, capacity: int = CAPACITY) -> None:
        self.reader = reader
        self._capacity = capacity
        self._size = 0
        self._kept: OrderedDict[tuple[str, str | None], Entry] = OrderedDict()

    def of(self, text: str, operation_name: str | None) -> Entry:
        """The entry, kept or new."""
        key = (text, operation_name)
        found = self._kept.get(key)
        if found is not None:
            self._kept.move_to_end(key)
            return found
        found = self.reader.read(text, operation_name)
        size = len(text) + len(operation_name or "")
        if size <= KEPT:
            self._kept[key] = found
            self._size += size
            while self._size > self._capacity:
                (text, name), _ = self._kept.popitem(last=False)
                self._size -= len(text) + len(name or "")
        return found
