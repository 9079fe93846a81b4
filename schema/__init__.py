"""What clients see: the whole contract in Strawberry types, one noun a module.

Types are views of the records of `loaders`; `schema.graphql` is what they print.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from schema.graph import Graph

    schema: Graph

__all__ = ["schema", "sdl"]


def sdl() -> str:
    """The schema as text: what the committed `schema.graphql` holds."""
    return _schema().as_str() + "\n"


@cache
def _schema() -> Graph:
    from schema.graph import build  # noqa: PLC0415 - see __getattr__

    return build()


def __getattr__(name: str) -> Graph:
    # built when it is first asked for: a server builds its own, and the command line's help needs none
    if name == "schema":
        return _schema()
    raise AttributeError(name)
