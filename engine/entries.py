"""Entries by exact text and operation name, or by what is left when its strings are lifted out.

Bounded by size: the least recently used go first.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import replace

from graphql import OperationDefinitionNode

from engine import lifting
from engine.entry import Entry, Reader
from engine.lifting import Cut, Form

KEPT = 32 * 1024  # characters: a longer document is read anew each time
# Characters of all that are kept. Document, formula and plan take up to 320 times as many bytes: 63 MB.
CAPACITY = 192 * 1024
ENTRY = 16  # characters that an entry counts for beside its own: the shortest takes 5 kB
FORM = 16  # characters of a frame that take as much as one of a document's


class Entries:
    """One for a schema and its limits."""

    def __init__(self, reader: Reader, capacity: int = CAPACITY) -> None:
        self.reader = reader
        self._capacity = capacity
        self.size = 0  # of what is kept
        self._kept: OrderedDict[Hashable, tuple[Entry | Form, int]] = OrderedDict()

    def of(self, text: str, operation_name: str | None) -> Entry:
        """The entry, kept or new."""
        found = self._get((text, operation_name))
        if isinstance(found, Entry):
            return found
        size = len(text) + len(operation_name or "")
        if size > KEPT:
            return self.reader.read(text, operation_name)
        cut = lifting.cut(text) if size <= self.reader.limits.document else None
        if cut is not None and (form := self._get((cut.frame, operation_name, Form))) is not None:
            assert isinstance(form, Form), "its key says so"
            shared = self._get((cut.frame, operation_name, form.key(cut.strings)))
            if isinstance(shared, Entry):
                return _filled(shared, form, cut)
        entry = self.reader.read(text, operation_name)
        if cut is None or not _may_share(entry):
            self._keep((text, operation_name), entry, size)
            return entry
        return self._shared(entry, text, operation_name, cut)

    def _shared(self, entry: Entry, text: str, operation_name: str | None, cut: Cut) -> Entry:
        form = self.reader.lifter.form(entry.document, text)
        size = len(text) + len(operation_name or "")
        if not form.holes:
            self._keep((text, operation_name), entry, size)
            return entry
        shared = self.reader.lifted(entry, text, form, cut.strings)
        self._keep((cut.frame, operation_name, Form), form, size // FORM + 1)
        self._keep((cut.frame, operation_name, form.key(cut.strings)), shared, size)
        return _filled(shared, form, cut)

    def _get(self, key: Hashable) -> Entry | Form | None:
        found = self._kept.get(key)
        if found is None:
            return None
        self._kept.move_to_end(key)
        return found[0]

    def _keep(self, key: Hashable, what: Entry | Form, size: int) -> None:
        size += ENTRY
        _, before = self._kept.pop(key, (None, 0))
        self._kept[key] = (what, size)
        self.size += size - before
        while self.size > self._capacity:
            _, (_, size) = self._kept.popitem(last=False)
            self.size -= size


def _may_share(entry: Entry) -> bool:
    """Whether its plan alone executes it: one operation, so that no other has a use for its fragments."""
    operations = sum(isinstance(one, OperationDefinitionNode) for one in entry.document.definitions)
    return entry.plans is not None and entry.excess is None and operations == 1


def _filled(shared: Entry, form: Form, cut: Cut) -> Entry:
    return replace(shared, lifted=form.values(cut.strings))
