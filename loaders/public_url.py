"""URLs that users give, checked before a source gets them: http or https, a public host, no user info.

They are handed on, never fetched or resolved here: a name of the public kind that leads to a private address
is for whoever fetches it to refuse.

    https://pictures.example.com/a?b=c    passes, as it was written
    http://10.0.0.7/  http://localhost/   refused, and so in every other spelling:
        127.1  2130706433  0x7f.1  017700000001  127.0.0.1.  %31%32%37.0.0.1  １２７。0。0。1  [::ffff:7f00:1]
    http://0x08.0x08.8.8/                 refused: of a public address, but not every reader of it agrees
Hosts are read as browsers read them (the WHATWG's URL standard), by pydantic_core's parser.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network
from typing import Final

from pydantic_core import Url

from loaders import coerce
from loaders.errors import BadInput
from loaders.records import JSON

LONGEST = 8192  # characters; a signed URL of S3 with its session token has 2,000
MOST_VALUES = 10_000  # in one object of parameters; the largest honest one has some hundred
DEEPEST = 32  # objects and lists inside each other

# of local networks: RFC 6761, RFC 8375 (home.arpa) and appendix G of RFC 6762
_LOCAL_NAMES: Final = frozenset(
    {"localhost", "localdomain", "local", "internal", "intranet", "private", "corp", "home", "lan", "arpa"}
)
# Mapped addresses and NAT64 are outside of the first. The others are inside, lead to IPv4 addresses (Teredo,
# 6to4) or nowhere; ipaddress does not know each of them.
_UNICAST: Final = IPv6Network("2000::/3")
_NOT_PUBLIC: Final = (IPv6Network("2001::/23"), IPv6Network("2002::/16"), IPv6Network("3fff::/20"))

# `http:/a` and `http:\\a` are URLs to a browser, too; `a cat: dog` is none
_ABSOLUTE = re.compile(r"(?:https?:|[a-z][a-z0-9+.-]+:[/\\])", re.IGNORECASE)
_EMBEDDED = re.compile(r"https?:[/\\]+[^\s\"'<>]+", re.IGNORECASE)
_BREAKS = str.maketrans("", "", "\t\r\n")  # browsers read on without them
_AROUND = "".join(map(chr, range(0x21)))  # browsers strip these

_EXPECTED = "expected an http or https URL of a public host"


def checked(value: str, argument: str, allowed: Collection[str] = ()) -> str:
    """The URL itself. Raises BadInput, which names the argument and quotes nothing of the URL.

    argument: as the client knows it (`notifyHook`, `images[2]`). allowed: origins that are let through
    although they are not public (`http://127.0.0.1:9001`): the sandbox's.
    """
    if len(value) > LONGEST:
        raise BadInput(f"Invalid `{argument}`: expected a URL of at most {LONGEST} characters")
    if coerce.url(value) is None:
        raise BadInput(f"Invalid `{argument}`: {_EXPECTED}")
    try:
        url = Url(value)
    except ValueError:
        raise BadInput(f"Invalid `{argument}`: {_EXPECTED}") from None
    host = url.host or ""
    if _origin(url) not in allowed and not (_is_public(host) and _is_plain(value, host)):
        raise BadInput(f"Invalid `{argument}`: {_EXPECTED}")
    return value


def check_text(text: str, argument: str, allowed: Collection[str] = ()) -> None:
    """Raises BadInput where a URL inside a text (a prompt, for example) leads to no public host.

    And for half of a surrogate pair, which JSON cannot carry.
    """
    if not coerce.is_text(text):
        raise BadInput(f"Invalid `{argument}`: expected whole characters")
    for version in {text, text.translate(_BREAKS)}:
        for found in _EMBEDDED.finditer(version):
            try:
                url = Url(found[0][:LONGEST])
            except ValueError:  # no reader finds a host in it
                continue
            if _origin(url) not in allowed and not _is_public(url.host or ""):
                raise BadInput(f"Invalid `{argument}`: {_EXPECTED} inside the text")


def check_inside(value: JSON, argument: str, allowed: Collection[str] = ()) -> None:
    """Raises BadInput for a text inside a value that is an absolute URL, or contains one, and may not.

    Names where it is: `parameters.ipAdapter.referenceImages[0]`. Data URLs pass: nobody fetches those.
    """
    pending: list[tuple[str, JSON, int]] = [(argument, value, 0)]
    seen = 0
    while pending:
        place, one, depth = pending.pop()
        if isinstance(one, str):
            _check_value(one, place, allowed)
            continue
        if not isinstance(one, Mapping | list | tuple):
            continue
        seen += len(one)
        if seen > MOST_VALUES or depth > DEEPEST:
            said = f"expected at most {MOST_VALUES} values, {DEEPEST} levels deep"
            raise BadInput(f"Invalid `{argument}`: {said}")
        pending.extend((name, member, depth + 1) for name, member in _members(one, place))


def origin(url: str) -> str:
    """`HTTP://127.0.0.1:9001/x` -> `http://127.0.0.1:9001`, as `allowed` holds it. Raises ValueError."""
    return _origin(Url(url))


def _origin(url: Url) -> str:
    return f"{url.scheme}://{url.host}:{url.port}"


def _check_value(text: str, place: str, allowed: Collection[str]) -> None:
    bare = text.translate(_BREAKS).strip(_AROUND)
    if " " not in bare and _ABSOLUTE.match(bare) is not None:
        checked(text.strip(" "), place, allowed)
    else:
        check_text(text, place, allowed)


def _members(value: Mapping[str, JSON] | Sequence[JSON], place: str) -> Iterable[tuple[str, JSON]]:
    if isinstance(value, Mapping):
        return ((f"{place}.{name:.40}", member) for name, member in value.items())
    return ((f"{place}[{number}]", member) for number, member in enumerate(value))


def _is_public(host: str) -> bool:
    """host: as the parser writes it, lower case and in ASCII."""
    if host.startswith("["):
        return _is_public_v6(IPv6Address(host[1:-1]))
    labels = host.removesuffix(".").split(".")
    if labels[-1].isdecimal():
        address = IPv4Address(host)
        return address.is_global and not address.is_multicast
    return len(labels) > 1 and all(labels) and labels[-1] not in _LOCAL_NAMES


def _is_public_v6(address: IPv6Address) -> bool:
    if address not in _UNICAST or not address.is_global:
        return False
    return not any(address in network for network in _NOT_PUBLIC)


def _is_plain(value: str, host: str) -> bool:
    """Whether an IPv4 address is written in the one way that every reader reads alike.

    `http://0127.0.0.1/`: 87.0.0.1 to browsers, 127.0.0.1 to whoever takes all numbers for decimal.
    """
    is_number = host.rpartition(".")[2].isdecimal()
    return not is_number or re.split("[/?#:]", value.partition("//")[2], maxsplit=1)[0] == host
