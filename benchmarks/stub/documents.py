"""PixAI's GraphQL, as far as the measured systems ask it: `media`, `task` and `me { tasks }`.

A text is compiled once into JSON with holes, and filled per request; literal ids are lifted out first, so
that a system which writes ids into its texts does not make the stub parse each of them.

    {m0: media(id: "1") {id}}  ->  {m0: media(id: "?") {id}} and ["1"]  ->  "m0":{"id":"%(key)s"}
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSyntaxError,
    InlineFragmentNode,
    IntValueNode,
    NullValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    StringValueNode,
    ValueNode,
    VariableNode,
    parse,
)

from benchmarks.stub import rows, shapes
from benchmarks.stub.shapes import Shape

_LITERAL = re.compile(r'"(\d+)"')
_TEXTS = 2000  # compiled ones that are kept


class UnknownDocument(Exception):
    """A text that asks for something the stub does not have."""


@dataclass(frozen=True, slots=True)
class Root:
    """One root field. kind: media, task or list. text: JSON with holes. row: of each edge, in a list.

    arguments: a variable's name, the number of a lifted literal, or the value itself in a list of one.
    pieces: the text around a media's key. Joining them takes a fifth of the time of filling holes.
    """

    kind: str
    alias: str
    text: str
    row: str = ""
    arguments: Mapping[str, str | int | list[Any]] = field(default_factory=dict)
    pieces: Sequence[str] = ()


class Documents:
    """Answers documents. calls: how many lists were answered, which is what makes them roll."""

    def __init__(self) -> None:
        self.rolling = False
        self.calls = 0
        self._compiled: dict[str, tuple[Root, ...]] = {}

    def answer(self, text: str, variables: Mapping[str, Any]) -> tuple[str, str]:
        """The kind of its first root field, and the JSON. Raises UnknownDocument."""
        literals = _LITERAL.findall(text) if '"' in text else []
        if literals:
            text = _LITERAL.sub('"?"', text)
        roots = self._compiled.get(text)
        if roots is None:
            if len(self._compiled) >= _TEXTS:
                self._compiled.clear()
            roots = self._compiled[text] = tuple(_compile(text))
        fields = ",".join([self._field(root, variables, literals) for root in roots])
        return roots[0].kind, f'{{"data":{{{fields}}}}}'

    def _field(self, root: Root, variables: Mapping[str, Any], literals: Sequence[str]) -> str:
        if root.kind == "list":
            return f'"{root.alias}":{self._page(root, variables)}'
        wanted = root.arguments["id"]
        key = literals[wanted] if isinstance(wanted, int) else variables.get(str(wanted))
        if not isinstance(key, str) or not key.isdecimal():
            return f'"{root.alias}":null'
        if root.kind == "media":
            return f'"{root.alias}":{key.join(root.pieces)}'
        holes = {"key": key, "media": shapes.media_key(key), "created": rows.PIXAI_TIMES[0]}
        return f'"{root.alias}":{root.text % holes}'

    def _page(self, root: Root, variables: Mapping[str, Any]) -> str:
        def argument(name: str) -> Any:
            given = root.arguments.get(name)
            return given[0] if isinstance(given, list) else variables.get(str(given))

        call = self.calls if self.rolling else 0
        self.calls += 1
        before = argument("before")
        first = int(before) if before is not None else 0
        end = min(rows.ROWS, first + (argument("last") or 20))
        edges = []
        for position in range(end - 1, first - 1, -1):  # they ascend in time
            key = rows.task_key(call, position)
            edges.append(
                root.row
                % {
                    "key": key,
                    "media": shapes.media_key(key),
                    "created": rows.PIXAI_TIMES[position],
                    "cursor": position,
                }
            )
        more = "true" if end < rows.ROWS else "false"
        return root.text % {"edges": ",".join(edges), "more": more, "start": end, "end": first}


def _compile(text: str) -> Iterator[Root]:
    try:
        document = parse(text)
    except GraphQLSyntaxError as error:
        raise UnknownDocument(error.message) from None
    fragments = {
        one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)
    }
    operation = next(one for one in document.definitions if isinstance(one, OperationDefinitionNode))
    literal = 0
    for node in _fields(operation.selection_set, fragments):
        name, alias = node.name.value, (node.alias or node.name).value
        if name == "me":
            yield _list(alias, node, fragments)
        elif name in {"media", "task"}:
            value = _arguments(node)["id"]
            by_name = isinstance(value, VariableNode)
            wanted: str | int = value.name.value if isinstance(value, VariableNode) else literal
            literal += not by_name
            text = _text(node, shapes.MEDIA if name == "media" else shapes.TASK, fragments)
            yield Root(name, alias, text, arguments={"id": wanted}, pieces=text.split("%(key)s"))
        else:
            raise UnknownDocument(f"the stub has no field {name!r}")


_Fragments = Mapping[str, FragmentDefinitionNode]


def _list(alias: str, me: FieldNode, fragments: _Fragments) -> Root:
    tasks = next(node for node in _fields(me.selection_set, fragments) if node.name.value == "tasks")
    edges = next(
        (node for node in _fields(tasks.selection_set, fragments) if node.name.value == "edges"), None
    )
    connection: dict[str, Shape] = {
        "__typename": '"TaskConnection"',
        "edges": "[%(edges)s]",
        "pageInfo": shapes.PAGE_INFO,
    }
    user: dict[str, Shape] = {"__typename": '"User"', "id": '"1541182147551506853"', "tasks": connection}
    return Root(
        "list",
        alias,
        _text(me, user, fragments),
        row="" if edges is None else _text(edges, shapes.EDGE, fragments),
        arguments={name: _argument(value) for name, value in _arguments(tasks).items()},
    )


def _arguments(node: FieldNode) -> dict[str, ValueNode]:
    return {one.name.value: one.value for one in node.arguments or ()}


def _argument(value: ValueNode) -> str | list[Any]:
    match value:
        case VariableNode():
            return value.name.value
        case IntValueNode():
            return [int(value.value)]
        case StringValueNode():
            return [value.value]
        case NullValueNode():
            return [None]
    raise UnknownDocument(f"the stub takes no {value.kind} as an argument")


def _text(node: FieldNode, shape: Shape, fragments: _Fragments) -> str:
    """The field's JSON, with the holes of its shape."""
    match shape:
        case str():
            return shape
        case list():
            return "[" + ",".join(_text(node, item, fragments) for item in shape) + "]"
    written = []
    for child in _fields(node.selection_set, fragments):
        inner = shape.get(child.name.value)
        if inner is None:
            raise UnknownDocument(f"the stub has no field {child.name.value!r}")
        written.append(f'"{(child.alias or child.name).value}":{_text(child, inner, fragments)}')
    return "{" + ",".join(written) + "}"


def _fields(selected: SelectionSetNode | None, fragments: _Fragments) -> Iterator[FieldNode]:
    for node in selected.selections if selected is not None else ():
        if isinstance(node, FieldNode):
            yield node
        elif isinstance(node, InlineFragmentNode):
            yield from _fields(node.selection_set, fragments)
        elif isinstance(node, FragmentSpreadNode):
            yield from _fields(fragments[node.name.value].selection_set, fragments)
