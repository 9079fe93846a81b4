"""What clients see: the whole contract in Strawberry types, one noun a module.

Types are views of the records of `loaders`; `schema.graphql` is what they print.
"""

from schema.graph import build

__all__ = ["schema", "sdl"]

schema = build()


def sdl() -> str:
    """The schema as text: what the committed `schema.graphql` holds."""
    return schema.as_str() + "\n"
