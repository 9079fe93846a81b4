"""What PixAI's GraphQL errors stand for: read from `extensions.code`, never from the message.

Which codes PixAI sends is not documented, so families of them are matched.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from loaders import coerce
from loaders.errors import Fault, OutOfCredit, Refused, Rejected, SourceError, Throttled
from loaders.records import Provider

_ABSENT = re.compile(r"NOT_?FOUND|\b404\b")
_REFUSED = re.compile(r"UNAUTH|FORBIDDEN|\b401\b|\b403\b")
_THROTTLED = re.compile(r"RATE_?LIMIT|TOO_MANY_|THROTTLED|\b429\b")  # …REQUESTS, …TASKS
_OUT_OF_CREDIT = re.compile(r"INSUFFICIENT|BALANCE|CREDIT|PAYMENT|QUOTA|\b402\b")
_REJECTED = re.compile(r"BAD_|INVALID|VALIDATION|NOT_?FOUND|UNPROCESSABLE|MODERAT|\b4\d\d\b")
# ids travel as variables: a document that fails validation is at fault itself, whatever the ids
_TOO_LARGE = re.compile(r"ALIAS|COMPLEXITY|LIMIT_EXCEEDED|TOO_LARGE|VALIDATION")
_NO_FIELD = re.compile(r"VALIDATION|FORBIDDEN|PERMISSION|\b403\b")


def _codes(errors: Iterable[object]) -> str:
    found = (coerce.mapping(coerce.mapping(error).get("extensions")).get("code") for error in errors)
    return " ".join(str(code).upper() for code in found if code is not None)


def is_absence(errors: Iterable[object]) -> bool:
    """Whether these errors only say that there is no such object."""
    return bool(_ABSENT.search(_codes(errors)))


def is_throttled(errors: Iterable[object]) -> bool:
    """Whether they ask for fewer requests: the same document is good a little later."""
    return bool(_THROTTLED.search(_codes(errors)))


def names_a_field(errors: Iterable[object]) -> bool:
    """Whether an error has a path: then it is about one id, not about the key that asks."""
    return any(coerce.items(coerce.mapping(error).get("path")) for error in errors)


def is_too_large(errors: Iterable[object]) -> bool:
    """Whether a document seems to be refused for itself, not for an id in it."""
    codes = _codes(errors)
    return bool(_TOO_LARGE.search(codes)) and not _THROTTLED.search(codes)  # RATE_LIMIT_EXCEEDED


def denies_a_field(errors: Iterable[object]) -> bool:
    """Whether they say that there is no such field, or that this key has no right to it.

    UNAUTHENTICATED does not: it is about the key as a whole, and may pass.
    """
    return bool(_NO_FIELD.search(_codes(errors)))


def to_source_error(errors: Iterable[object]) -> SourceError:
    """Refused and Throttled where the code says so; a Fault otherwise."""
    codes = _codes(errors)
    if _THROTTLED.search(codes):
        return Throttled("PixAI asks for fewer requests", provider=Provider.PIXAI)
    if _REFUSED.search(codes):
        return Refused("PixAI refused the key", provider=Provider.PIXAI)
    return Fault("PixAI could not answer the request", provider=Provider.PIXAI)


def to_write_error(errors: Iterable[object], status: int) -> SourceError:
    """What a write was answered: a Fault, after which nobody knows, where no code says that it was refused.

    status: of HTTP; a 4xx is a refusal, whatever the code.
    """
    errors = list(errors)
    codes = _codes(errors)
    if _OUT_OF_CREDIT.search(codes):
        said = "PixAI has no credit left for this key"
        return OutOfCredit(said, provider=Provider.PIXAI, upstream_status=status)
    error = to_source_error(errors)
    if isinstance(error, Fault) and (_REJECTED.search(codes) or 400 <= status < 500):
        said = "PixAI rejected the request"
        return Rejected(said, provider=Provider.PIXAI, upstream_status=status)
    return error
