"""Where a value stands in the answer: written while plans run, read only where something fails.

    None <- ("tasks",) <- ("nodes", 3) <- ("media", 0)      tasks.nodes[3].media[0]

Each is a tuple of its parent and its own keys, so that an object costs one tuple.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from graphql.pyutils import Path as GraphQLPath

Path: TypeAlias = "tuple[Any, ...] | None"


def item(path: Path, index: int) -> Path:
    """Of one item of the list at that path."""
    return (*path, index) if path is not None else (None, index)


def as_list(path: Path) -> list[str | int]:
    """From the root down, as errors report it."""
    parts: list[str | int] = []
    while path is not None:
        parts[:0] = path[1:]
        path = path[0]
    return parts


def as_graphql(path: Path) -> GraphQLPath:
    """As resolvers are handed it."""
    found: GraphQLPath | None = None
    for part in as_list(path):
        found = GraphQLPath(found, part, None)
    assert found is not None, "a field has a path"
    return found
