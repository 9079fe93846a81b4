"""Records of which a part is read only when somebody wants it.

A page of the list shows a handful of a task's 37 fields, and reading all of them takes most of the time
that a row costs. What is always needed is read at once; the first look at anything else reads all the rest:

    TASK = Partly(TaskRecord, ("id", "status", "raw", …), rest)
    record = TASK("task:pixai:1", TaskStatus.SUCCEEDED, node, …)
    record.prompt                                    -> rest(record) fills in prompt, model, seeds …
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from typing import Any, Generic, TypeVar

from loaders.errors import Malformed
from loaders.records import Provider, Unread

R = TypeVar("R", bound=Unread)

log = logging.getLogger(__name__)


class Partly(Generic[R]):
    """Makes records of one class. first: the fields that are given at once.

    rest: the others, read from what the record has; those that are left out have their defaults.
    """

    def __init__(
        self,
        record: type[R],
        first: tuple[str, ...],
        rest: Callable[[R], Mapping[str, object]],
        provider: Provider,
    ) -> None:
        slots: Mapping[str, Any] = vars(record)
        self._record = record
        self._provider = provider
        self._set_first = tuple(slots[name].__set__ for name in first)
        self._read = rest
        self._others = {
            one.name: (slots[one.name].__set__, None if one.default is MISSING else one.default)
            for one in fields(record)  # type: ignore[arg-type]  # every record is a dataclass
            if one.name not in first
        }

        self._unread = self._fill  # one bound method for all records

    def __call__(self, *first: object) -> R:
        """A record."""
        made = object.__new__(self._record)
        for put, value in zip(self._set_first, first, strict=True):
            put(made, value)
        _put_unread(made, self._unread)
        return made

    def _fill(self, made: R) -> None:
        # where that fails, which is a bug, the log names it once, and whoever looks again gets Malformed
        try:
            values = self._read(made)
        except Exception as error:
            log.error("%s: a record cannot be read (%s)", self._provider.label, type(error).__name__)
            _put_unread(made, self._raise)
        else:
            for name, (put, default) in self._others.items():
                put(made, values.get(name, default))

    def _raise(self, _made: R) -> None:
        raise Malformed(f"{self._provider.label} sent something that cannot be read", provider=self._provider)


_put_unread: Callable[[object, object], None] = vars(Unread)["_unread"].__set__
