"""Any object by its id alone."""

from __future__ import annotations

from loaders import ids
from loaders.ids import Kind
from resolvers import media, seed
from resolvers.need import Need
from resolvers.tasks import by_id as task

_OF_KIND = {Kind.TASK: task.of_id, Kind.MEDIA: media.of_id, Kind.SEED: seed.of_id}


def by_id(id: str) -> Need:
    """The object; absent where its source has none with this id. Raises InvalidId."""
    found = ids.parse(id)
    return _OF_KIND[found.kind](found)
