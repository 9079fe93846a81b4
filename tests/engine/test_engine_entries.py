"""What is kept of documents, and what is not."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest
from graphql import (
    DocumentNode,
    Node,
    OperationDefinitionNode,
    Visitor,
    get_introspection_query,
    print_ast,
    visit,
)
from graphql import parse as reference_parse
from graphql.execution.values import VariableValues
from graphql.language import Lexer, Source, TokenKind
from hypothesis import given
from hypothesis import strategies as st

from engine import lexical, source
from engine.entries import KEPT, Entries
from engine.entry import Reader
from engine.limits import Limits
from engine.plan.target import Target
from loaders.errors import LimitExceeded
from schema import schema

DOCUMENTS = (
    "{ a }",
    '# first\n\r\nquery Q($a: [Int!] = [1 2 -3.5e2], $b: F = {x: "é\\"", y: null})'
    " @d(if: true) {\r\n  one: two(x: $a)\n}",
    '{ a(text: """block\n  of "" text \\""" and\r more""")'
    " { ...f ... on T @include(if: $x) { b } } } fragment f on T { c }",
    "subscription S { a } # end\n,,,\ufeff mutation M { b(x: [[], {}]) }",
    get_introspection_query(),
)


def entries(capacity: int = 1_000) -> Entries:
    return Entries(Reader(schema.graphql, Limits()), capacity)


def test_a_text_is_read_once_for_each_operation() -> None:
    """The same text and name: the same entry; another name: another."""
    kept = entries()
    text = "query A { __typename } query B { providers { provider } }"

    assert kept.of(text, "A") is kept.of(text, "A")
    assert kept.of(text, "A") is not kept.of(text, "B")
    assert kept.of("{", None) is kept.of("{", None)


def test_the_least_recently_used_goes_first() -> None:
    """When there is no capacity for all."""
    kept = entries(capacity=70)
    first = kept.of("{ a: __typename }", None)
    second = kept.of("{ b: __typename }", None)
    kept.of("{ a: __typename }", None)

    kept.of("{ c: __typename }", None)

    assert kept.of("{ a: __typename }", None) is first
    assert kept.of("{ b: __typename }", None) is not second


def test_a_long_document_is_not_kept() -> None:
    """However much capacity there is."""
    kept = entries(capacity=10 * KEPT)
    text = "{ __typename }" + " " * KEPT

    assert kept.of(text, None) is not kept.of(text, None)


def test_an_unknown_operation_is_left_to_be_told_later() -> None:
    """Nothing is validated for it."""
    entry = entries().of("query A { nothing }", "B")

    assert (entry.errors, entry.formula) == ((), None)


@pytest.fixture
def collector() -> Iterator[None]:
    """As the server sets it, its oldest generation hardly ever looked at."""
    before = gc.get_threshold()
    gc.collect()
    gc.set_threshold(50_000, 20, 100)
    yield
    gc.set_threshold(*before)


@pytest.mark.usefixtures("collector")
def test_a_parsed_document_leaves_no_cycles() -> None:
    """What is thrown away is free at once, without the collector."""
    gc.disable()
    try:
        for text in DOCUMENTS:
            document = weakref.ref(source.parse(text))
            assert document() is None
    finally:
        gc.enable()


@pytest.mark.usefixtures("collector")
def test_an_entry_that_is_dropped_takes_its_plan_along() -> None:
    """Free at once: what was kept for long is old, and the collector hardly ever looks at that."""
    kept = entries(capacity=300)
    target = Target.of(schema)
    dropped = []
    gc.disable()
    try:
        for number in range(10):
            selected = "{ id media { url } seeds { value } }"
            entry = kept.of(f'{{ a{number}: task(id: "pixai:1") {selected} nodes(ids: []) {{ id }} }}', None)
            assert entry.plans is not None
            variables = entry.plans.coercion(target).values({})
            assert isinstance(variables, VariableValues)
            variables.coerced.update(entry.lifted)
            dropped.append(weakref.ref(entry.plans.of(target, variables).fill))
        del entry, variables
        assert [fill() is None for fill in dropped] == [True] * 8 + [False] * 2
    finally:
        gc.enable()


@pytest.mark.usefixtures("collector")
def test_documents_that_differ_do_not_pile_up() -> None:
    """Of 300 that are not kept, some dozens wait for the collector, not all."""
    kept = entries(capacity=0)
    for number in range(300):
        aliases = " ".join(f'a{index}: task(id: "{number}") {{ id }}' for index in range(60))
        kept.of(f"{{ {aliases} }}", None)

    alive = sum(isinstance(one, DocumentNode) for one in gc.get_objects())

    assert alive < 100


@pytest.mark.parametrize("text", DOCUMENTS)
def test_a_node_stands_where_graphql_core_says(text: str) -> None:
    """Line and column of every node, through comments, block strings and all line ends."""
    lines = source.Lines(text)

    def places(document: Node, at: object) -> list[tuple[str, object]]:
        found = []

        class Walk(Visitor):
            def enter(self, node: Node, *_: object) -> None:
                assert node.loc is not None
                found.append((node.kind, at(node.loc.start)))  # type: ignore[operator]

        visit(document, Walk())
        return found

    expected = places(reference_parse(text), Source(text).get_location)

    assert places(source.parse(text), lines.at) == expected
    assert len(expected) > 3


@pytest.mark.parametrize("text", DOCUMENTS)
def test_tokens_are_counted_as_graphql_core_reads_them(text: str) -> None:
    """One less than there are is not enough."""
    lexer = Lexer(Source(text))
    tokens = 0
    while (token := lexer.advance()).kind is not TokenKind.EOF:
        previous = token.prev
        while previous is not None and previous.kind is TokenKind.COMMENT:
            tokens, previous = tokens + 1, previous.prev
        tokens += 1
    trailing = token.prev
    while trailing is not None and trailing.kind is TokenKind.COMMENT:
        tokens, trailing = tokens + 1, trailing.prev

    lexical.scan(text, Limits(tokens=tokens))
    with pytest.raises(LimitExceeded, match="TRIPTYCH_LIMIT_TOKENS"):
        lexical.scan(text, Limits(tokens=tokens - 1))


@given(st.text(alphabet='{}()[]:@"\\#.!$&|=,\n\r a1_-é\ufeff', max_size=200))
def test_any_text_is_scanned_and_read(text: str) -> None:
    """Whatever it is, it has an entry and no exception; what parses does so in both parsers alike."""
    lexical.scan(text, Limits())
    entry = Reader(schema.graphql, Limits()).read(text, None)

    operation = entry.document.definitions[0]
    assert entry.errors or isinstance(operation, OperationDefinitionNode)


def test_aliases_are_told_from_arguments() -> None:
    """Variables, arguments and objects have colons, too."""
    text = "query ($a: Int, $b: [F!] = {x: 1}) { one: f(x: 1, y: {z: [{w: 1}]}) { two: g h } }"

    lexical.scan(text, Limits(aliases=2))
    with pytest.raises(LimitExceeded, match="The operation has 2 aliases: at most 1"):
        lexical.scan(text, Limits(aliases=1))


@pytest.mark.parametrize("text", DOCUMENTS)
def test_a_document_says_what_graphql_core_reads(text: str) -> None:
    """Only its places are kept in another way."""
    assert print_ast(source.parse(text)) == print_ast(reference_parse(text))
