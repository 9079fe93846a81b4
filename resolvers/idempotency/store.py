"""What is known of a write under an idempotency key, and who keeps it: a file, or a server for many machines.

    nothing   -> claim -> pending -> settle -> Written(key), or Unknown(status)
                             |
                             +-> release -> nothing: it was refused, or never sent

A record ends a day after its claim. Times are the wall clock's seconds, because several processes share it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, TypeAlias

from loaders.errors import ErrorCode, TriptychError

LIFETIME = 24 * 3600.0  # seconds from the claim on


class StateUnavailable(TriptychError):
    """Idempotency keys cannot be read or written."""

    code = ErrorCode.INTERNAL


@dataclass(frozen=True, slots=True)
class Written:
    """The source has confirmed it. key: of the task that it made or changed."""

    key: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """It may have been carried out. status: the HTTP status that said nothing of it; None: no answer."""

    status: int | None = None


Outcome: TypeAlias = Written | Unknown


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to send one write, until it expires. token: unlike all others."""

    scope: str
    token: str
    expires: float


@dataclass(frozen=True, slots=True)
class Record:
    """Somebody's claim. input: a digest of what was asked. outcome: None while it is pending.

    expires: when a pending one counts as Unknown, because whoever had the claim must have ended by then.
    """

    input: str
    made: float
    expires: float
    outcome: Outcome | None = None


class Store(Protocol):
    """Keeps records by scope: a digest of caller, credential and key. Each method raises StateUnavailable."""

    async def claim(self, scope: str, input: str, *, now: float, expires: float) -> Claim | Record:
        """A claim where there is no record, and then it is kept safely; otherwise the record.

        Raises LimitExceeded where too many records are kept already.
        """
        ...

    async def settle(self, claim: Claim, outcome: Outcome) -> None:
        """What came of it."""
        ...

    async def release(self, claim: Claim) -> None:
        """Nothing was done: the key may be used again."""
        ...

    async def close(self) -> None:
        """Let go of the file or the connection."""
        ...
