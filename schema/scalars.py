"""The scalars of the contract, and what they take and give.

Errors of bad input say what was expected. They quote nothing: a URL may hold a signature.
"""

import math
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, NewType
from urllib.parse import urlsplit

import strawberry
from graphql import GraphQLError, IntValueNode, StringValueNode, ValueNode, value_from_ast_untyped
from strawberry.file_uploads import Upload
from strawberry.types.scalar import ScalarDefinition

URL = NewType("URL", str)
BigInt = NewType("BigInt", int)
JSON = NewType("JSON", object)

_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_INTEGER = re.compile(r"-?[0-9]{1,1000}")
_MAX_SAFE = 2**53 - 1  # beyond it JavaScript's numbers skip integers


@lru_cache(4096)  # a row of a list is shown to many
def show_datetime(value: datetime) -> str:
    """`2024-05-22T06:16:57.124Z`, with as many digits as the source sent. A naive time is a bug."""
    if value.tzinfo is None:
        raise ValueError("a time without a zone cannot be shown")
    if value.tzinfo is not UTC:
        value = value.astimezone(UTC)
    is_short = value.microsecond and value.microsecond % 1000 == 0
    text = value.isoformat(timespec="milliseconds") if is_short else value.isoformat()
    return text[: -len("+00:00")] + "Z"


def read_datetime(value: object) -> datetime:
    """Any RFC 3339 time, in UTC."""
    if isinstance(value, str) and _RFC_3339.fullmatch(value):
        try:
            return datetime.fromisoformat(value.upper()).astimezone(UTC)
        except (ValueError, OverflowError):
            pass  # the 30th of February, the hour 25, the year 0
    raise GraphQLError(
        'Expected an RFC 3339 time with its zone, as a string, such as "2024-05-22T06:16:57.124Z".'
    )


def read_url(value: object) -> URL:
    """An absolute http(s) URL with a host, or a data URL."""
    if isinstance(value, str) and value.isprintable() and " " not in value:
        try:
            parts = urlsplit(value)
            has_host = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
        except ValueError:
            has_host = False
        if has_host or value[:5].lower() == "data:":
            return URL(value)
    raise GraphQLError("Expected an absolute http, https or data URL, as a string.")


def show_big_int(value: object) -> str:
    """Decimal digits. Anything but an integer is a bug, a float most of all."""
    if type(value) is not int:
        raise TypeError(f"a BigInt is an int, not a {type(value).__name__}")
    return str(value)


def read_big_int(value: object) -> BigInt:
    """An integer, or its decimal digits in a string."""
    if type(value) is int:
        return BigInt(value)
    if isinstance(value, str) and _INTEGER.fullmatch(value):
        return BigInt(int(value))
    raise GraphQLError('Expected an integer, or its decimal digits as a string, such as "3283868009760115".')


def read_big_int_literal(node: ValueNode, variables: dict[str, Any] | None = None) -> BigInt:
    """The same, written into the document: digits of an integer literal never pass through a float."""
    if isinstance(node, IntValueNode | StringValueNode):
        return read_big_int(node.value)
    return read_big_int(value_from_ast_untyped(node, variables))


def show_json(value: object) -> object:
    """A copy that JavaScript reads without loss.

    {"id": 1749902216266450789, "cfg": nan} -> {"id": "1749902216266450789", "cfg": null}
    """
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, int):
        return value if -_MAX_SAFE <= value <= _MAX_SAFE else str(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: show_json(item) for key, item in value.items()}
    if isinstance(value, Sequence):
        return [show_json(item) for item in value]
    raise TypeError(f"a {type(value).__name__} is not JSON")


def read_json(value: object) -> JSON:
    """As it came."""
    return JSON(value)


def show_upload(_value: object) -> object:
    """Never: files only come in."""
    raise TypeError("an Upload cannot be shown")


def read_upload(value: object) -> object:
    """The file that the multipart request put into the variable's place."""
    if isinstance(value, str | int | float | bool | list | dict):
        raise GraphQLError("Expected a file of a multipart request, mapped to a variable.")
    return value


SCALARS: Mapping[object, ScalarDefinition] = {
    datetime: strawberry.scalar(
        name="DateTime",
        description=(
            'A point in time. Returned as RFC 3339 in UTC with "Z", as precise as the source reports it: '
            '"2024-05-22T06:16:57.124Z". Accepted with any offset; a time without one is refused.'
        ),
        specified_by_url="https://datatracker.ietf.org/doc/html/rfc3339",
        serialize=show_datetime,
        parse_value=read_datetime,
    ),
    URL: strawberry.scalar(
        name="URL",
        description=(
            "An absolute URL. Returned as the source signed it: use it unchanged and before it expires. "
            "Accepted as http or https with a host, or as a data URL."
        ),
        specified_by_url="https://url.spec.whatwg.org/",
        serialize=str,
        parse_value=read_url,
    ),
    BigInt: strawberry.scalar(
        name="BigInt",
        description=(
            'An integer of any size. Returned as a string of decimal digits ("3283868009760115"), because '
            "JavaScript's numbers are exact only to 2^53-1. Accepted as a string or an integer of at most "
            "1000 digits; floats are refused."
        ),
        specified_by_url="https://en.wikipedia.org/wiki/Arbitrary-precision_arithmetic",
        serialize=show_big_int,
        parse_value=read_big_int,
        parse_literal=read_big_int_literal,
    ),
    JSON: strawberry.scalar(
        name="JSON",
        description=(
            "Any JSON value. Integers beyond ±(2^53-1) are given as strings of their digits, numbers that "
            "JSON cannot write (NaN, infinities) as null. Accepted unchanged."
        ),
        specified_by_url="https://datatracker.ietf.org/doc/html/rfc8259",
        serialize=show_json,
        parse_value=read_json,
    ),
    Upload: strawberry.scalar(
        name="Upload",
        description=(
            "A file. Only as a variable of a multipart request: the variable is null in `operations` and "
            "`map` names the part that takes its place."
        ),
        specified_by_url="https://github.com/jaydenseric/graphql-multipart-request-spec",
        serialize=show_upload,
        parse_value=read_upload,
    ),
}
