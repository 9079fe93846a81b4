"""Documents that differ only in the texts of their arguments share an entry.

    { a: media(id: "pixai:1") { url } }   ->   { a: media(id: ?0) { url } }   with   ?0 = "pixai:1"

A text is cut at its quotation marks, which takes C loops only: what stands outside is its frame, what stands
inside its strings. 20 aliases with an id each take 10 µs so, and 100 µs token by token. In return white space
counts, integers stay where they are, and a text with a backslash, a block string or a comment is read as a
whole. Which strings may be lifted depends on the frame alone, and is found out when it is first seen:

    media(id: "pixai:1")                    lifted: a field's argument that is an ID or String in every type
    tasks(filter: {createdAfter: "2024…"})  stays in the key: inside an object, a list or a directive
    task(id: "pixai:1") … task(id: "…")     lifted, and the key says which of them are the same: fields of
                                            one response name conflict where their arguments differ
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import NamedTuple

from graphql import (
    ArgumentNode,
    DocumentNode,
    FieldNode,
    GraphQLSchema,
    NameNode,
    StringValueNode,
    VariableNode,
    get_nullable_type,
    is_interface_type,
    is_object_type,
    visit,
)
from graphql.language.visitor import Visitor

_TYPES = frozenset({"ID", "String"})


class Cut(NamedTuple):
    """What stands outside of a text's quotation marks, one mark between two pieces; what stands inside."""

    frame: str
    strings: Sequence[str]


def cut(text: str) -> Cut | None:
    """None where a quotation mark may be something else than one end of a plain string."""
    if '"' not in text or "\\" in text:
        return None
    pieces = text.split('"')
    outside, strings = pieces[::2], pieces[1::2]
    if len(outside) == len(strings) or not all(outside):  # a string without an end; a block string
        return None
    frame, inside = '"'.join(outside), "".join(strings)
    if "#" in frame or "\n" in inside or "\r" in inside or not _is_valid(inside):
        return None
    return Cut(frame, strings)


def _is_valid(text: str) -> bool:
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:  # half of a surrogate pair, which the parser refuses
            return False
    return True


class Moved:
    """From the place of a token in one text to its place in another text of the same frame."""

    def __init__(self, before: str, after: str) -> None:
        self._before = _starts(before)
        self._after = _starts(after)

    def __call__(self, offset: int) -> int:
        """A string's place is that of its first quotation mark."""
        piece = bisect_right(self._before, offset) - 1
        return self._after[piece] + offset - self._before[piece]


def _starts(text: str) -> list[int]:
    """Of each piece outside of the quotation marks."""
    return [0, *accumulate(len(piece) + 1 for piece in text.split('"'))][:-1:2]


@dataclass(frozen=True, slots=True)
class Form:
    """Which of a frame's strings are what, by their number in the text.

    holes: those that are lifted. alike: of these, each group that stands under the same response name and
    argument. fixed: those that stay in the key.
    """

    holes: tuple[int, ...]
    alike: tuple[tuple[int, ...], ...]
    fixed: tuple[int, ...]

    def key(self, strings: Sequence[str]) -> tuple[object, ...]:
        """What the meaning depends on besides the frame."""
        if not self.fixed and not self.alike:
            return ()
        return tuple([strings[index] for index in self.fixed]), tuple(self.same(strings).values())

    def values(self, strings: Sequence[str]) -> dict[str, str]:
        """Of the variables in the lifted document."""
        return {f"?{index}": strings[index] for index in self.holes}

    def same(self, strings: Sequence[str]) -> dict[int, int]:
        """Of each string in a group, the first one of the group that it equals."""
        found: dict[int, int] = {}
        for group in self.alike:
            first: dict[str, int] = {}
            found |= {index: first.setdefault(strings[index], index) for index in group}
        return found


class Lifter:
    """Lifts strings out of valid documents of one schema."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._liftable = _liftable(schema)

    def form(self, document: DocumentNode, text: str) -> Form:
        """Of the text's frame."""
        numbers = _numbers(text)
        groups: dict[tuple[str, str], list[int]] = {}

        def look(node: FieldNode) -> None:
            for argument in node.arguments or ():
                if self._lifts(node, argument):
                    name = (node.alias or node.name).value
                    groups.setdefault((name, argument.name.value), []).append(_number(argument, numbers))

        visit(document, _Fields(look))
        holes = tuple(number for group in groups.values() for number in group)
        alike = tuple(tuple(group) for group in groups.values() if len(group) > 1)
        return Form(holes, alike, tuple(sorted(set(numbers.values()) - set(holes))))

    def lifted(self, document: DocumentNode, text: str, same: Mapping[int, int]) -> DocumentNode:
        """The document with variables in the place of the strings. same: as its form tells."""
        numbers = _numbers(text)

        def lift(node: FieldNode) -> FieldNode | None:
            if not any(self._lifts(node, argument) for argument in node.arguments or ()):
                return None  # as it is
            return replace(
                node,
                arguments=tuple(
                    replace(argument, value=_variable(argument, numbers, same))
                    if self._lifts(node, argument)
                    else argument
                    for argument in node.arguments or ()
                ),
            )

        found: DocumentNode = visit(document, _Fields(lift))
        return found

    def _lifts(self, node: FieldNode, argument: ArgumentNode) -> bool:
        return (
            isinstance(argument.value, StringValueNode)
            and (node.name.value, argument.name.value) in self._liftable
        )


class _Fields(Visitor):
    def __init__(self, look: Callable[[FieldNode], FieldNode | None]) -> None:
        super().__init__()
        self._look = look

    def leave_field(self, node: FieldNode, *_: object) -> FieldNode | None:
        return self._look(node)


def _liftable(schema: GraphQLSchema) -> frozenset[tuple[str, str]]:
    """Fields and arguments whose type is ID or String in whatever type they occur."""
    types: dict[tuple[str, str], set[str]] = {}
    for type_ in schema.type_map.values():
        if is_object_type(type_) or is_interface_type(type_):
            for name, declared in type_.fields.items():
                for argument, taken in declared.args.items():
                    types.setdefault((name, argument), set()).add(str(get_nullable_type(taken.type)))
    return frozenset(place for place, found in types.items() if len(found) == 1 and found <= _TYPES)


def _numbers(text: str) -> dict[int, int]:
    """Of the strings, by the place where each begins."""
    ends = list(accumulate(len(piece) + 1 for piece in text.split('"')))
    return {end - 1: number for number, end in enumerate(ends[:-1:2])}


def _number(argument: ArgumentNode, numbers: Mapping[int, int]) -> int:
    assert argument.value.loc is not None, "documents are read with places"
    return numbers[argument.value.loc.start]


def _variable(argument: ArgumentNode, numbers: Mapping[int, int], same: Mapping[int, int]) -> VariableNode:
    number = _number(argument, numbers)
    name = NameNode(value=f"?{same.get(number, number)}")  # no name that a document can hold
    return VariableNode(name=name, loc=argument.value.loc)
