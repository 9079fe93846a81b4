"""Global ids: `task:pixai:1749902216266450789`, `media:midjourney:1730621826053455:0`.

Opaque to clients, readable to people. Type and provider end at the first two colons; the rest is
the source's key, which may hold any character. A media key that is made from a task's ends in its
index: `<task key>:0`, `:1`…, `:v0`….
"""

from __future__ import annotations

from enum import StrEnum

from loaders.errors import InvalidId
from loaders.record import record
from loaders.records import Provider

MAX_LENGTH = 512  # the longest real id has 60 characters; what comes from outside is bounded


class Kind(StrEnum):
    """The types that have ids, as they stand in front of one."""

    TASK = "task"
    MEDIA = "media"
    SEED = "seed"


@record
class GlobalId:
    """An id taken apart. key: what the provider's loader takes."""

    kind: Kind
    provider: Provider
    key: str

    def __str__(self) -> str:
        return f"{self.kind.value}:{self.provider.value.lower()}:{self.key}"


_KINDS = {kind.value: kind for kind in Kind}
_PROVIDERS = {provider.value.lower(): provider for provider in Provider}
_EXPECTED = "|".join(_PROVIDERS)
_TASK = {provider: f"task:{name}:" for name, provider in _PROVIDERS.items()}
_MEDIA = {provider: f"media:{name}:" for name, provider in _PROVIDERS.items()}


def task_id(provider: Provider, key: str) -> str:
    """`task:pixai:1749902216266450789`."""
    return _TASK[provider] + key


def media_id(provider: Provider, key: str) -> str:
    """`media:pixai:459604023097100648`."""
    return _MEDIA[provider] + key


def seed_id(provider: Provider, key: str) -> str:
    """`seed:pixai:<taskId>:<mediaId>`, `seed:midjourney:<taskId>`."""
    return f"seed:{provider.value.lower()}:{key}"


def parse(text: str, expected: Kind | None = None) -> GlobalId:
    """Take an id apart. With `expected`, the form without the type is taken too.

    Raises InvalidId, which quotes at most the first 80 characters of what was sent.
    """
    if len(text) > MAX_LENGTH:
        raise InvalidId(f"Invalid id {_quoted(text)}: {len(text)} characters, expected at most {MAX_LENGTH}")
    head, _, rest = text.partition(":")
    kind = _KINDS.get(head)
    if kind is not None:
        if expected is not None and kind is not expected:
            raise InvalidId(
                f"Invalid id {_quoted(text)}: expected a {expected.value} id, not a {kind.value} id"
            )
        name, _, key = rest.partition(":")
    elif expected is not None:
        kind, name, key = expected, head, rest
    else:
        raise InvalidId(f"Invalid id {_quoted(text)}: expected task:…, media:… or seed:…")
    provider = _PROVIDERS.get(name)
    if provider is None or not key:
        raise InvalidId(f"Invalid id {_quoted(text)}: expected {kind.value}:<{_EXPECTED}>:<key>")
    return GlobalId(kind, provider, _of_meshy(kind, key) if provider is Provider.MESHY else key)


def _of_meshy(kind: Kind, key: str) -> str:
    # a resource stands in front of every id; without one it is image-to-image:
    # 018a… -> image-to-image:018a…      018a…:0 -> image-to-image:018a…:0
    colons = 1 if kind is Kind.MEDIA else 0
    return f"image-to-image:{key}" if key.count(":") <= colons else key


def _quoted(text: str) -> str:
    return repr(text if len(text) <= 80 else text[:79] + "…")
