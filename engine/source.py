"""Documents whose nodes know where they stand and hold on to nothing else.

graphql-core's nodes hold their first and last tokens, and the tokens each other: cyclic garbage, a hundred
times the text, that only the collector's oldest generation finds. Here a node holds the offset where it
begins; lines and columns are worked out for the errors of an answer, from one table.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable
from functools import cached_property
from re import compile as pattern

from graphql import DocumentNode, GraphQLError, GraphQLSyntaxError, Source
from graphql.language import Lexer, SourceLocation, Token
from graphql.language.ast import Location
from graphql.language.parser import Parser

_LINE_END = pattern(r"\r\n|[\n\r]")


class Place(Location):
    """Where a node begins. False, so that GraphQLError does not look for its line by scanning the text."""

    __slots__ = ()

    def __init__(self, start: int) -> None:
        self.start = self.end = start

    def __bool__(self) -> bool:
        return False


class _Parser(Parser):
    def loc(self, start_token: Token) -> Location | None:
        return Place(start_token.start)


class _Lexer(Lexer):
    def advance(self) -> Token:
        """Without the links back: a chain that leads forward only is freed as the parser goes on."""
        token = super().advance()
        link = self.last_token.next
        while link is not None and link is not token:  # comments
            link.prev = None
            link = link.next
        token.prev = None
        return token


def parse(text: str) -> DocumentNode:
    """A document without cycles. Raises GraphQLSyntaxError."""
    source = Source(text)
    parser = _Parser(source, lexer=_Lexer(source))
    try:
        return parser.parse_document()
    except RecursionError:
        pass
    raise GraphQLSyntaxError(source, 0, "The document is nested too deeply.")


class Lines:
    """Line and column of any offset of a text."""

    def __init__(self, text: str) -> None:
        self._text = text

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(found.end() for found in _LINE_END.finditer(self._text))]

    def at(self, offset: int) -> SourceLocation:
        """Both count from 1."""
        line = bisect_right(self._starts, offset)
        return SourceLocation(line, offset - self._starts[line - 1] + 1)


def locate(
    errors: Iterable[GraphQLError], text: str, moved: Callable[[int], int] = lambda offset: offset
) -> None:
    """Say where in the text the nodes of each error stand. moved: from their offsets to those in the text."""
    lines = Lines(text)
    for error in errors:
        if error.locations is None and error.nodes:
            places = [moved(node.loc.start) for node in error.nodes if node.loc is not None]
            error.locations = [lines.at(place) for place in places] or None
