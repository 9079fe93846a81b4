"""What one operation may cost. A refusal names what was counted, the limit and the setting."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from loaders.errors import LimitExceeded


class Mode(StrEnum):
    """What happens to an operation over a limit."""

    ENFORCE = "enforce"  # it is refused
    MEASURE = "measure"  # it is executed, and a line in the log says which limit it exceeds
    OFF = "off"  # nobody looks


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The figures of one operation. server/settings.py gives each its reason.

    document: characters. name: those of one name. nesting: brackets of any kind inside each other.
    depth: levels of fields.
    overlaps: units of work that validation may spend on fields of the same name (graphql-core's).
    fields: every selected field of every object, in its weight. introspection: the same for `__schema` and
    `__type`. calls: upstream calls after batching. bytes: of the answer, roughly.
    """

    mode: Mode = Mode.ENFORCE
    document: int = 256 * 1024
    tokens: int = 4_000
    name: int = 256
    nesting: int = 60
    depth: int = 20
    aliases: int = 150
    root_fields: int = 200
    directives: int = 100
    operations: int = 20
    overlaps: int = 25_000
    introspection: int = 100_000
    fields: int = 30_000
    calls: int = 2_500
    bytes: int = 16 * 1024 * 1024

    def reached(self, fields: int, bytes: int) -> LimitExceeded | None:
        """Why what was shown so far is too much; None where it is not, or nobody enforces it."""
        if self.mode is not Mode.ENFORCE:
            return None
        if fields > self.fields:
            return exceeded("fields", f"{fields:,} fields shown so far", self.fields)
        if bytes > self.bytes:
            return exceeded("bytes", f"{bytes:,} bytes answered so far", self.bytes)
        return None

    def check(self, name: str, figure: int, what: str) -> None:
        """Raises LimitExceeded where the figure is over the limit of that name. what: what is counted."""
        limit: int = getattr(self, name)
        if figure > limit:
            raise exceeded(name, f"{figure:,} {what}", limit)


def exceeded(name: str, figure: str, limit: int) -> LimitExceeded:
    """The refusal: what was counted, what is allowed, and the setting that allows more."""
    return LimitExceeded(f"The operation has {figure}: at most {limit:,} (TRIPTYCH_LIMIT_{name.upper()})")
