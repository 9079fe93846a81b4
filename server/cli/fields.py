"""`--fields id,status,media.permalink`: which fields of a task are asked for and shown."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from graphql import GraphQLSchema

DEFAULT = "id,status,created,media,prompt"
SHORT = {"created": "createdAt"}
SERVED = "permalink"  # what only a running server has
ADDRESSES = frozenset({"url", "urls", "preview"})
_NAME = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*", re.ASCII)

Selection = dict[str, "Selection"]


class BadFields(Exception):
    """Why these fields cannot be shown. The message is a sentence."""


@dataclass(frozen=True, slots=True)
class Fields:
    """columns: as they were named -> their path in a task. `media` -> media, id."""

    columns: Mapping[str, tuple[str, ...]]

    @classmethod
    def parse(cls, text: str, graph: GraphQLSchema) -> Fields:
        """Names of the graph, separated by commas. Raises BadFields."""
        names = [name.strip() for name in text.split(",") if name.strip()]
        if not names:
            raise BadFields("expected names such as id,status,media.permalink")
        return cls({name: tuple(_path(name, graph)) for name in names})

    @property
    def selection(self) -> str:
        """What a query asks of a task: `id status media { id }`."""
        tree: Selection = {}
        for path in self.columns.values():
            at = tree
            for name in path:
                at = at.setdefault(name, {})
        return _printed(tree)

    @property
    def needs_server(self) -> bool:
        """Whether one of them is a link of a running server."""
        return any(path[-1] == SERVED for path in self.columns.values())

    @property
    def has_addresses(self) -> bool:
        """Whether one of them is an address at the source."""
        return any(ADDRESSES & set(path) for path in self.columns.values())

    def row(self, task: object) -> dict[str, object]:
        """The cells of a task as a graph answers it; lists inside lists are one list."""
        return {name: _value(task, path) for name, path in self.columns.items()}


def _path(name: str, graph: GraphQLSchema) -> Iterator[str]:
    from graphql import GraphQLInterfaceType, GraphQLObjectType, get_named_type

    if _NAME.fullmatch(name) is None:
        raise BadFields(f"{name!r} is not the name of a field")
    words = SHORT.get(name, name).split(".")
    found = graph.type_map["Task"]
    for word in words:
        if not isinstance(found, GraphQLObjectType | GraphQLInterfaceType):
            raise BadFields(f"{name!r}: {found.name} has no fields")
        if word not in found.fields:
            near = get_close_matches(word, found.fields, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise BadFields(f"{name!r}: {found.name} has no field {word!r}{hint}")
        found = get_named_type(found.fields[word].type)
        yield word
    if isinstance(found, GraphQLObjectType | GraphQLInterfaceType):
        if "id" not in found.fields:
            raise BadFields(f"{name!r} has fields of its own: {', '.join(found.fields)}")
        yield "id"


def _printed(tree: Selection) -> str:
    return " ".join(f"{name} {{ {_printed(below)} }}" if below else name for name, below in tree.items())


def _value(node: object, path: tuple[str, ...]) -> object:
    if isinstance(node, list):
        values = [_value(one, path) for one in node]
        return [inner for one in values for inner in (one if isinstance(one, list) else [one])]
    if not path or not isinstance(node, Mapping):
        return node
    return _value(node.get(path[0]), path[1:])
