"""Faults to inject into an emulated upstream: which requests they hit, and what goes wrong.

From a test:         box.pixai.fail("POST /graphql", status=429, retry_after=2, times=1)
From any client:     POST /_sandbox/faults {"route": "POST /graphql", "status": 429, "times": 1}
From a command line: --fault "POST /graphql: status=429 retry-after=2 times=1"
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import TypedDict

from sandbox import fault_text

KINDS = (
    "reset",
    "truncated",
    "html",
    "not_json",
    "partial_errors",
    "document_error",
    "max_aliases",
    "no_lists",
    "answer_lost",
    "cut_after",
)
WITH_STATUS = ("html", "not_json", "document_error", "max_aliases")


class FaultFields(TypedDict, total=False):
    """The fields of a Fault but its route, as keywords."""

    status: int | None
    retry_after: float | None
    reset: bool
    truncated: bool
    html: bool
    not_json: bool
    partial_errors: float
    document_error: bool
    max_aliases: int | None
    no_lists: bool
    answer_lost: bool
    cut_after: int | None
    latency: float
    answer_delay: float
    match: str | None
    times: int | None
    message: str | None
    code: str | None


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong on one route. Raises ValueError when its fields contradict each other.

    route: a label like "GET /v1/media/{id}", or "*" for every route.
    status: answered instead of the real answer, in the upstream's own error shape; 200-599.
    retry_after: seconds, sent as Retry-After with the status.
    reset: the connection is reset before any byte of an answer.
    truncated: the real answer, cut in the middle while Content-Length promises all of it.
    html, not_json: a page, or text that only claims to be JSON; with 200 or the given status.
    partial_errors: GraphQL. This fraction of the ids, 0-1, answers null and an errors entry with its path;
        with `match`, all those ids that contain it.
    document_error: GraphQL. Errors and no data for the whole document; with 200 or the given status.
    max_aliases: GraphQL. Documents with more root fields are refused whole; 400 or the given status.
    no_lists: GraphQL. Lists are refused with FORBIDDEN, single objects are not.
    answer_lost: the request is carried out; then the connection is reset before any byte of its answer.
    cut_after: streams. The connection is reset in place of the message after this many.
    latency: seconds to wait first; alone, the answer is the real one.
    answer_delay: seconds between carrying out the request and answering it.
    match: text that the path or the body must contain.
    times: how many requests it hits; None: until the faults are cleared.
    message, code: of the error; None: a usual one.
    """

    route: str = "*"
    status: int | None = None
    retry_after: float | None = None
    reset: bool = False
    truncated: bool = False
    html: bool = False
    not_json: bool = False
    partial_errors: float = 0.0
    document_error: bool = False
    max_aliases: int | None = None
    no_lists: bool = False
    answer_lost: bool = False
    cut_after: int | None = None
    latency: float = 0.0
    answer_delay: float = 0.0
    match: str | None = None
    times: int | None = None
    message: str | None = None
    code: str | None = None

    def __post_init__(self) -> None:
        kinds = [kind for kind in KINDS if getattr(self, kind) != DEFAULTS[kind]]
        if len(kinds) > 1:
            raise ValueError(f"expected one kind of fault, not {' and '.join(kinds)}")
        if self.status is not None and kinds and kinds[0] not in WITH_STATUS:
            raise ValueError(f"{kinds[0]} has no status; only {', '.join(WITH_STATUS)} take one")
        if not kinds and self.status is None and not self.latency and not self.answer_delay:
            raise ValueError(f"nothing goes wrong: expected status, latency or one of {', '.join(KINDS)}")
        if self.retry_after is not None and self.status is None:
            raise ValueError("retry_after needs a status")
        _check(self.status is None or 200 <= self.status <= 599, "status", "200-599", self.status)
        _check(0 <= self.partial_errors <= 1, "partial_errors", "a fraction, 0-1", self.partial_errors)
        _check(
            self.max_aliases is None or self.max_aliases >= 1, "max_aliases", "1 or more", self.max_aliases
        )
        _check(self.times is None or self.times >= 1, "times", "1 or more", self.times)
        _check(self.cut_after is None or self.cut_after >= 0, "cut_after", "0 or more", self.cut_after)
        _check(self.latency >= 0, "latency", "seconds, 0 or more", self.latency)
        _check(self.answer_delay >= 0, "answer_delay", "seconds, 0 or more", self.answer_delay)
        _check(
            self.retry_after is None or self.retry_after >= 0, "retry_after", "0 or more", self.retry_after
        )

    @property
    def in_graphql(self) -> bool:
        """Whether it needs the parsed document, and is left to the route that has it."""
        return bool(self.partial_errors or self.document_error or self.max_aliases or self.no_lists)

    @property
    def answers(self) -> bool:
        """Whether it replaces or cuts the answer; otherwise it only delays it."""
        return not self.in_graphql and bool(
            self.status or self.reset or self.truncated or self.html or self.not_json or self.answer_lost
        )

    @classmethod
    def parse(cls, text: str) -> Fault:
        """`POST /graphql: status=429 retry-after=2 times=3`; flags stand alone, quotes hold spaces.

        Raises ValueError with the text, the field that is wrong and what was expected of it.
        """
        try:
            return cls.of(fault_text.split(text))
        except ValueError as error:
            raise ValueError(f"{text!r}: {error}") from None

    @classmethod
    def of(cls, values: Mapping[str, object]) -> Fault:
        """From names and values of any source; names with - or _. Raises ValueError as `parse` does."""
        return cls(**fault_text.read(values))  # type: ignore[arg-type]  # each went through its field's reader

    def __str__(self) -> str:
        """The text that `parse` takes."""
        shown = [
            name.replace("_", "-") if value is True else f"{name.replace('_', '-')}={shlex.quote(f'{value}')}"
            for name, value in asdict(self).items()
            if name != "route" and value != DEFAULTS[name]
        ]
        return f"{self.route}: {' '.join(shown)}"


DEFAULTS = {one.name: one.default for one in fields(Fault)}


@dataclass(slots=True)
class Armed:
    """A fault in force. left: how many requests it still hits; None: every one."""

    fault: Fault
    left: int | None = field(init=False)

    def __post_init__(self) -> None:
        self.left = self.fault.times

    def spend(self) -> None:
        """Count one hit."""
        if self.left is not None:
            self.left -= 1


class Faults:
    """The faults in force at one upstream, oldest first."""

    def __init__(self) -> None:
        self._armed: list[Armed] = []

    def __iter__(self) -> Iterator[Armed]:
        return iter([armed for armed in self._armed if armed.left != 0])

    def __bool__(self) -> bool:
        return any(armed.left != 0 for armed in self._armed)

    def add(self, fault: Fault) -> None:
        """Put one in force."""
        self._armed = [*self, Armed(fault)]

    def clear(self) -> None:
        """Remove all of them."""
        self._armed = []

    def matching(self, label: str, text: str) -> list[Armed]:
        """Those for this route whose `match` is in the text. Of several that answer, the oldest only."""
        found: list[Armed] = []
        answered = False
        for armed in self:
            fault = armed.fault
            hit = fault.route in ("*", label) and (fault.match is None or fault.match in text)
            if hit and not (fault.answers and answered):
                found.append(armed)
                answered = answered or fault.answers
        return found


def _check(holds: bool, name: str, expected: str, value: object) -> None:
    if not holds:
        raise ValueError(f"{name}={value}: expected {expected}")
