"""Reading the fields of a fault from a command line or from JSON."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping


def split(text: str) -> dict[str, object]:
    """`POST /graphql: status=429 reset` -> {"route": "POST /graphql", "status": "429", "reset": True}.

    Raises ValueError where no route stands in front.
    """
    route, colon, rest = text.partition(": ")
    if not colon:
        raise ValueError("expected 'METHOD /path: name=value …' or '*: name=value …'")
    words = [word.partition("=") for word in shlex.split(rest)]
    return {"route": route, **{name: value if equals else True for name, equals, value in words}}


def read(values: Mapping[str, object]) -> dict[str, object]:
    """Names with - or _, values as text or JSON -> the keywords of a Fault; nulls are left out.

    Raises ValueError with the field that is wrong and what was expected of it.
    """
    fields: dict[str, object] = {}
    for given, value in values.items():
        name = given.replace("-", "_")
        if name not in READERS:
            raise ValueError(f"{given!r} is not a field of a fault; the fields are {', '.join(READERS)}")
        if value is None:
            continue
        reader, expected = READERS[name]
        try:
            fields[name] = reader(value)
        except ValueError:
            raise ValueError(f"{given}={value}: expected {expected}") from None
    return fields


def _flag(value: object) -> bool:
    words = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
    if (word := str(value).lower()) not in words:
        raise ValueError(word)
    return words[word]


def _whole(value: object) -> int:
    return int(str(value))


def _number(value: object) -> float:
    return float(str(value))


def _fraction(value: object) -> float:
    return 1.0 if value is True else float(str(value))


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(value)
    return value


_FLAG = (_flag, "true or false")
_WHOLE = (_whole, "a whole number")
_SECONDS = (_number, "a number of seconds")
_TEXT = (_text, "text")
READERS: dict[str, tuple[Callable[[object], object], str]] = {
    "route": _TEXT,
    "status": _WHOLE,
    "retry_after": _SECONDS,
    "reset": _FLAG,
    "truncated": _FLAG,
    "html": _FLAG,
    "not_json": _FLAG,
    "partial_errors": (_fraction, "a fraction, 0-1"),
    "document_error": _FLAG,
    "max_aliases": _WHOLE,
    "no_lists": _FLAG,
    "answer_lost": _FLAG,
    "cut_after": _WHOLE,
    "latency": _SECONDS,
    "answer_delay": _SECONDS,
    "match": _TEXT,
    "times": _WHOLE,
    "message": _TEXT,
    "code": _TEXT,
}
