"""Tasks by id."""

from __future__ import annotations

from loaders import ids
from loaders.ids import GlobalId, Kind
from loaders.records import Provider
from resolvers.need import Need


def by_id(id: str) -> Need:
    """The task; absent where its source has none with this id. Raises InvalidId."""
    return of_id(ids.parse(id, Kind.TASK))


def of_id(found: GlobalId) -> Need:
    """The task that a parsed id names."""
    return Need("task", found.provider, found.key)


def of_key(provider: Provider, key: str | None) -> Need | None:
    """The task that a picture or a seed belongs to; None where it is not known."""
    return None if key is None else Need("task", provider, key)
