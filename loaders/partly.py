"""Records of which a part is read only when somebody wants it.

A page of the list shows a handful of a task's 37 fields, and reading all of them takes most of the time
that a row costs. What is always needed is read at once; the first look at anything else reads all the rest:

    made = partly(TaskRecord, (*TASK, "media"), rest, Provider.PIXAI)
    record = made("task:pixai:1", Provider.PIXAI, …, node, media)
    record.prompt                                    -> rest(record) fills in prompt, model, seeds …
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from typing import Any, TypeVar

from loaders.errors import Malformed
from loaders.records import Provider, Unread

R = TypeVar("R", bound=Unread)

# of a task, at every source: what lists, caches and merges look at, and what the rest is read from
TASK = (
    "id",
    "provider",
    "provider_id",
    "key",
    "status",
    "provider_status",
    "is_terminal",
    "created_at",
    "raw",
)

log = logging.getLogger(__name__)


def partly(
    record: type[R], first: tuple[str, ...], rest: Callable[[R], Mapping[str, object]], provider: Provider
) -> Callable[..., R]:
    """What makes records of one class, from the values of `first`, in that order.

    rest: the other fields, read from what the record has; those that are left out have their defaults.
    """
    others = {
        one.name: None if one.default is MISSING else one.default
        for one in fields(record)  # type: ignore[arg-type]  # every record is a dataclass
        if one.name not in first
    }

    def fill(made: R) -> None:
        # where that fails, which is a bug, the log names it once, and whoever looks again gets Malformed
        try:
            values = rest(made)
        except Exception as error:
            log.error("%s: a record cannot be read (%s)", provider.label, type(error).__name__)
            made._unread = fail
        else:
            for name, default in others.items():
                setattr(made, name, values.get(name, default))

    def fail(_made: R) -> None:
        raise Malformed(f"{provider.label} sent something that cannot be read", provider=provider)

    return _maker(record, first, fill)


def _maker(record: type[R], first: tuple[str, ...], fill: Callable[[R], None]) -> Callable[..., R]:
    # written out, as dataclasses write their __init__: a loop over the fields takes four times as long
    lines = [
        f"def make({', '.join(first)}):",
        "    made = new(record)",
        *(f"    made.{name} = {name}" for name in first),
        "    made._unread = fill",
        "    return made",
    ]
    names: dict[str, Any] = {"new": object.__new__, "record": record, "fill": fill}
    exec("\n".join(lines), names)  # noqa: S102 - of names that are a class's own fields
    made: Callable[..., R] = names["make"]
    return made
