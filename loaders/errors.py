"""Why a source did not answer, named by what the caller can do next.

    SourceError
    ├── Unreachable      no connection, or it broke                UPSTREAM_UNREACHABLE     retry
    │   └── NoConnection the request was not sent
    ├── TimedOut         no answer within the deadline             UPSTREAM_TIMEOUT         retry
    │   └── Silent       none for as long as it may stay silent
    ├── Throttled        429, queue full: slow down                UPSTREAM_THROTTLED       retry later
    ├── Refused          401, 403: another key                     UPSTREAM_REFUSED
    ├── OutOfCredit      402: pay                                  UPSTREAM_OUT_OF_CREDIT
    ├── Rejected         other 4xx, a banned prompt: another input UPSTREAM_REJECTED
    ├── Fault            5xx, a GraphQL error: it failed inside    UPSTREAM_FAULT           retry
    ├── Malformed        an answer that is not in the agreed form  UPSTREAM_MALFORMED       retry
    ├── OutcomeUnknown   a write that may have been carried out    OUTCOME_UNKNOWN          look first
    ├── NotConfigured    no key for this source                    PROVIDER_NOT_CONFIGURED
    └── NotSupported     this source has no such thing             NOT_SUPPORTED
    InputError           what the client sent is at fault
    ├── InvalidId                                                  INVALID_ID
    ├── BadInput                                                   BAD_USER_INPUT
    ├── LimitExceeded                                              LIMIT_EXCEEDED
    ├── IdempotencyConflict                                        IDEMPOTENCY_CONFLICT
    └── Forbidden                                                  FORBIDDEN

Absence is no error: it is None. A failed generation is no error: it is data.
Messages are our own words. They never quote a key, a URL or a source's body.
"""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar, TypeVar

from loaders.records import Provider

E = TypeVar("E", bound=Exception)


class ErrorCode(StrEnum):
    """The codes of the graph's contract, as `extensions.code` carries them."""

    UPSTREAM_UNREACHABLE = "UPSTREAM_UNREACHABLE"
    UPSTREAM_TIMEOUT = "UPSTREAM_TIMEOUT"
    UPSTREAM_THROTTLED = "UPSTREAM_THROTTLED"
    UPSTREAM_REFUSED = "UPSTREAM_REFUSED"
    UPSTREAM_OUT_OF_CREDIT = "UPSTREAM_OUT_OF_CREDIT"
    UPSTREAM_REJECTED = "UPSTREAM_REJECTED"
    UPSTREAM_FAULT = "UPSTREAM_FAULT"
    UPSTREAM_MALFORMED = "UPSTREAM_MALFORMED"
    PROVIDER_NOT_CONFIGURED = "PROVIDER_NOT_CONFIGURED"
    NOT_SUPPORTED = "NOT_SUPPORTED"
    INVALID_ID = "INVALID_ID"
    BAD_USER_INPUT = "BAD_USER_INPUT"
    UNAUTHENTICATED = "UNAUTHENTICATED"
    FORBIDDEN = "FORBIDDEN"
    LIMIT_EXCEEDED = "LIMIT_EXCEEDED"
    OUTCOME_UNKNOWN = "OUTCOME_UNKNOWN"
    IDEMPOTENCY_CONFLICT = "IDEMPOTENCY_CONFLICT"
    INTERNAL = "INTERNAL"


class TriptychError(Exception):
    """Anything the graph answers with a code of its contract."""

    code: ClassVar[ErrorCode] = ErrorCode.INTERNAL

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class SourceError(TriptychError):
    """A source did not answer.

    retry_after: seconds the source asked to wait; None where it did not say.
    upstream_status: the HTTP status it answered with; None where there was no answer.
    """

    is_retryable: ClassVar[bool] = False

    def __init__(
        self,
        message: str,
        *,
        provider: Provider,
        retry_after: float | None = None,
        upstream_status: int | None = None,
    ) -> None:
        super().__init__(message)
        self.provider = provider
        self.retry_after = retry_after
        self.upstream_status = upstream_status

    @property
    def retryable(self) -> bool:
        """Whether the same read may succeed later."""
        return self.is_retryable

    def after(self, seconds: float) -> SourceError:
        """The same error, with another time to wait."""
        return type(self)(
            self.message,
            provider=self.provider,
            retry_after=seconds,
            upstream_status=self.upstream_status,
        )


class Unreachable(SourceError):
    """No connection, or the connection broke before the answer began."""

    code = ErrorCode.UPSTREAM_UNREACHABLE
    is_retryable = True
    was_sent: ClassVar[bool] = True  # the request may have reached the source


class NoConnection(Unreachable):
    """The source has not seen the request."""

    was_sent = False


class TimedOut(SourceError):
    """No answer within the request's deadline."""

    code = ErrorCode.UPSTREAM_TIMEOUT
    is_retryable = True


class Silent(TimedOut):
    """No answer for as long as a source may stay silent (loaders.silence), whatever time is left."""


class Throttled(SourceError):
    """Too many requests, or a full queue."""

    code = ErrorCode.UPSTREAM_THROTTLED
    is_retryable = True


class Refused(SourceError):
    """The key is missing, wrong or not allowed to do this."""

    code = ErrorCode.UPSTREAM_REFUSED


class OutOfCredit(SourceError):
    """The account behind the key cannot pay."""

    code = ErrorCode.UPSTREAM_OUT_OF_CREDIT


class Rejected(SourceError):
    """The source understood and said no."""

    code = ErrorCode.UPSTREAM_REJECTED


class Fault(SourceError):
    """The source failed inside."""

    code = ErrorCode.UPSTREAM_FAULT
    is_retryable = True


class Malformed(SourceError):
    """The answer is not in the agreed form (HTML, broken JSON, a missing `data`)."""

    code = ErrorCode.UPSTREAM_MALFORMED
    is_retryable = True


class OutcomeUnknown(SourceError):
    """A write that may have been carried out: no answer says so. Sent again, it may be paid for twice."""

    code = ErrorCode.OUTCOME_UNKNOWN


class NotConfigured(SourceError):
    """There is no key for this source."""

    code = ErrorCode.PROVIDER_NOT_CONFIGURED


class NotSupported(SourceError):
    """This source has no such operation."""

    code = ErrorCode.NOT_SUPPORTED


class InputError(TriptychError):
    """What the client sent is at fault; sending it again cannot help."""

    code = ErrorCode.BAD_USER_INPUT


class BadInput(InputError):
    """An argument has a value it cannot have."""

    code = ErrorCode.BAD_USER_INPUT


class InvalidId(InputError):
    """A string that is no id of this graph."""

    code = ErrorCode.INVALID_ID


class LimitExceeded(InputError):
    """More than this server answers in one go."""

    code = ErrorCode.LIMIT_EXCEEDED


class IdempotencyConflict(InputError):
    """The idempotency key belongs to a write with other input."""

    code = ErrorCode.IDEMPOTENCY_CONFLICT


class Forbidden(InputError):
    """The caller's role does not reach this far."""

    code = ErrorCode.FORBIDDEN


def bare(error: E) -> E:
    """It without the frames that it came through: they hold what was read, up to 8 MiB, while it is kept."""
    error.__context__ = error.__cause__ = None
    return error.with_traceback(None)


def from_status(status: int, *, provider: Provider, retry_after: float | None = None) -> SourceError | None:
    """The error that an HTTP status stands for; None for 2xx and 3xx. `retry_after` in seconds."""
    kind: type[SourceError]
    if status < 400:
        return None
    if status == 429:
        kind, said = Throttled, "asks for fewer requests"
    elif status in {401, 403}:
        kind, said = Refused, "refused the key"
    elif status == 402:
        kind, said = OutOfCredit, "has no credit left for this key"
    elif status < 500:
        kind, said = Rejected, "rejected the request"
    else:
        kind, said = Fault, "failed"
    return kind(
        f"{provider.label} {said} (HTTP {status})",
        provider=provider,
        retry_after=retry_after,
        upstream_status=status,
    )
