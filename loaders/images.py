"""Pictures inside a request: `data:image/png;base64,iVBORw0…`, checked before a source gets them."""

from __future__ import annotations

import binascii
import re
from collections.abc import Collection

from loaders import public_url
from loaders.errors import BadInput

LARGEST = 20 * 2**20  # bytes of one picture, decoded; Discord takes 10 MiB, PixAI and Meshy some more
TYPES = ("image/png", "image/jpeg", "image/jpg", "image/webp", "image/gif")

_HEAD = re.compile(r"data:(?P<type>[a-z]+/[a-z0-9.+-]+);base64,", re.IGNORECASE)
_LONGEST_HEAD = 64
# how a picture begins, whatever it calls itself
_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
)


def is_data_url(value: str) -> bool:
    """Whether it is meant as a data URL, well-formed or not."""
    return value[:5].lower() == "data:"


def checked(value: str, argument: str, types: Collection[str] = TYPES) -> str:
    """A picture's data URL, its head in lower case. Raises BadInput, which names the argument.

    types: those that the source takes, as content types.
    """
    head = _HEAD.match(value[:_LONGEST_HEAD])
    if head is None:
        raise BadInput(f"Invalid `{argument}`: expected a data URL like data:image/png;base64,…")
    kind = head["type"].lower()
    if kind not in types:
        raise BadInput(f"Invalid `{argument}`: expected a picture of the type {_listed(types)}")
    data = value[head.end() :]
    content = _decoded(data, argument)
    if not content or (found := type_of(content)) not in {None, kind.replace("/jpg", "/jpeg")}:
        said = "an empty one" if not content else f"one of {found}"
        raise BadInput(f"Invalid `{argument}`: expected a picture of the type {kind}, not {said}")
    return f"data:{kind};base64,{data}"


def reference(
    value: str, argument: str, types: Collection[str] = TYPES, allowed: Collection[str] = ()
) -> str:
    """A picture to work from, as a data URL or by its address. Raises BadInput, which names the argument.

    types: of data URLs; what is behind an address is the source's affair. allowed: as public_url has it.
    """
    if is_data_url(value):
        return checked(value, argument, types)
    if not value.lower().startswith(("http:", "https:")):
        raise BadInput(f"Invalid `{argument}`: expected a data URL, or an http or https URL")
    return public_url.checked(value, argument, allowed)


def mask(value: str, argument: str) -> str:
    """A mask as a data URL, given as one or as its bare base64. Raises BadInput.

    A bare one is what its first bytes say, a PNG where they say nothing.
    """
    if is_data_url(value):
        return checked(value, argument)
    content = _decoded(value, argument)
    if not content:
        raise BadInput(f"Invalid `{argument}`: expected a picture in base64, not an empty one")
    return f"data:{type_of(content) or 'image/png'};base64,{value}"


def _decoded(data: str, argument: str) -> bytes:
    if len(data) > LARGEST * 4 // 3 + 4:
        raise BadInput(f"Invalid `{argument}`: expected a picture of at most {LARGEST // 2**20} MiB")
    try:
        # strict_mode lets `AAAA=` pass
        if len(data) % 4 == 0:
            return binascii.a2b_base64(data, strict_mode=True)
    except ValueError:
        pass
    raise BadInput(f"Invalid `{argument}`: expected base64 with its padding, without line breaks")


def type_of(content: bytes) -> str | None:
    """The content type of a picture that begins like this; None where nothing says so."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for magic, kind in _MAGIC if content.startswith(magic)), None)


def _listed(types: Collection[str]) -> str:
    return ", ".join(sorted(types))
