"""Documents that differ in their strings alone share an entry, and nobody can tell from the answer."""

from __future__ import annotations

import re
from random import Random
from typing import Any

import orjson
import pytest
from graphql import ExecutionResult

from engine import lifting
from engine.entries import KEPT, Entries
from engine.entry import Reader
from engine.limits import Limits
from engine.plan.target import Target
from engine.planned import Planner
from engine.running import Spent
from schema.graph import build
from tests.engine.graphs import limited, messages
from tests.engine.plan.documents import Document, Generator
from tests.engine.plan.test_differential import executed, told
from tests.engine.plan.world import IDS, operation

TARGET = Target.of(build())
STRING = re.compile(r'"([^"]*)"')


def entries(**limits: Any) -> Entries:
    """Nothing kept yet."""
    return Entries(Reader(TARGET.schema, Limits(**limits)))


@pytest.mark.parametrize(
    ("text", "strings"),
    [
        ('{ a: task(id: "pixai:1") { id } b: task(id: "") { id } }', ["pixai:1", ""]),
        ('{ task(id: "# no comment, 🎈") { id } }', ["# no comment, 🎈"]),
        ("{ tasks { nodes { id } } }", None),
        ('{ task(id: "a\\u0041") { id } }', None),
        ('{ task(id: """pixai:1""") { id } }', None),
        ('{ task(id: """a "quoted" word""") { id } }', None),
        ('"a description" { task(id: "1") { id } }', None),
        ('"""a description""" { task(id: "1") { id } }', None),
        ('{ task(id: "pixai:1) { id } }', None),
        ('{ task(id: "pixai\n:1") { id } }', None),
        ('{ task(id: "pixai:1") { id } } # "', None),
        ('# it\'s "quoted"\n{ task(id: "pixai:1") { id } }', None),
        ('{ task(id: "half \ud83d") { id } }', None),
        ('{ nodes(ids: ["1""2"]) { id } }', None),
    ],
)
def test_a_text_is_cut_at_its_strings(text: str, strings: list[str] | None) -> None:
    """Or not at all, where a mark may be something else than one end of a plain string."""
    cut = lifting.cut(text)

    assert (None if cut is None else cut.strings) == strings
    if cut is not None:
        pieces = cut.frame.split('"')
        assert (
            "".join(f'{piece}"{string}"' for piece, string in zip(pieces, cut.strings, strict=False))
            + (pieces[-1])
            == text
        )


SAME = [
    ('{ task(id: "pixai:1") { id } }', '{ task(id: "meshy:a") { id } }'),
    ('{ tasks(first: 5, after: "x") { totalCount } }', '{ tasks(first: 5, after: "yyy") { totalCount } }'),
    (
        'query Q($f: Boolean!) { task(id: "1") @skip(if: $f) { cover { id } } media(id: "2") { ...M } }'
        " fragment M on Media { task { id } }",
        'query Q($f: Boolean!) { task(id: "2") @skip(if: $f) { cover { id } } media(id: "2") { ...M } }'
        " fragment M on Media { task { id } }",
    ),
    (
        '{ ... on Query { task(id: "pixai:1") { id } } task(id: "pixai:1") { status } }',
        '{ ... on Query { task(id: "pixai:2") { id } } task(id: "pixai:2") { status } }',
    ),
]
OTHER = [
    ('{ task(id: "1") { id } }', "{ task(id: 1) { id } }"),
    ('{ task(id: "1") { id } }', '{ task(id: """1""") { id } }'),
    ('{ task(id: "A") { id } }', '{ task(id: "\\u0041") { id } }'),
    ('{ task(id: "1") { id } }', '{  task(id: "1") { id } }'),
    ('{ tasksById(ids: ["1"]) { id } }', '{ tasksById(ids: ["2"]) { id } }'),
    ('{ tasksById(ids: "1") { id } }', '{ tasksById(ids: "2") { id } }'),
    (
        '{ tasks(filter: {createdAfter: "2024-01-01T00:00:00Z"}) { totalCount } }',
        '{ tasks(filter: {createdAfter: "2025-01-01T00:00:00Z"}) { totalCount } }',
    ),
    ('query ($a: ID = "1") { node(id: $a) { id } }', 'query ($a: ID = "2") { node(id: $a) { id } }'),
    (
        '{ task(id: "1") { id } ... on Query { task(id: "1") { status } } }',
        '{ task(id: "1") { id } ... on Query { task(id: "2") { status } } }',
    ),
    (
        'query A { task(id: "1") { id } } query B { task(id: "1") { id } }',
        'query A { task(id: "2") { id } } query B { task(id: "2") { id } }',
    ),
    ('mutation { cancelTask(id: "1") { id } }', 'mutation { cancelTask(id: "2") { id } }'),
    ('{ nothing(id: "1") { id } }', '{ nothing(id: "2") { id } }'),
]


@pytest.mark.parametrize(("first", "second"), SAME)
def test_texts_that_share_a_plan(first: str, second: str) -> None:
    """Whatever strings stand where a field takes an ID or a String."""
    kept = entries()

    plans = kept.of(first, None).plans

    assert plans is not None
    assert kept.of(second, None).plans is plans
    assert kept.of(first, None).plans is plans


@pytest.mark.parametrize(("first", "second"), OTHER)
def test_texts_that_do_not(first: str, second: str) -> None:
    """Their meaning, or whether they are valid, may differ."""
    kept = entries()

    assert kept.of(first, None).document is not kept.of(second, None).document


def test_fields_of_one_name_still_conflict() -> None:
    """Where their arguments differ, though each text has the same frame."""
    kept = entries()
    text = '{{ task(id: "{}") {{ id }} task(id: "{}") {{ status }} }}'

    found = [kept.of(text.format(*ids), None).errors for ids in ("11", "12", "22", "21")]

    assert [len(errors) for errors in found] == [0, 1, 0, 1]


def test_an_operation_that_is_not_there_is_not_another_one() -> None:
    """The name asked for is part of the key."""
    kept = entries()
    text = 'query A {{ task(id: "{}") {{ id }} }}'

    plans = [kept.of(text.format(number), name).plans for number, name in enumerate(["A", None, "B", "A"])]

    assert plans[0] is plans[3]
    assert plans[1] is not plans[0]
    assert plans[2] is None


async def test_limits_hold_for_every_text() -> None:
    """What depends on the strings is looked at each time: the text's length, and the calls for its ids."""
    graph = limited(document=100, calls=1)

    short = await messages(graph, '{ task(id: "pixai:1") { id status progress prompt } }')
    dear = await messages(graph, '{ task(id: "meshy:1") { seeds { value } } b: task(id: "meshy:2") { id } }')
    long = await messages(graph, '{ task(id: "pixai:' + "1" * 80 + '") { id status progress prompt } }')

    assert [found[0].partition(":")[0] for found in (dear, long)] == [
        "The operation has 2 upstream calls to make",
        "The operation has 132 characters",
    ]
    assert "The operation" not in short[0]


def test_what_is_kept_is_bounded() -> None:
    """A hundred frames, each with texts of its own."""
    kept = Entries(Reader(TARGET.schema, Limits()), capacity=1_000)
    for number in range(100):
        for string in ("1", "2"):
            kept.of(f'{{ a{number}: task(id: "{string}") {{ id }} }}', None)

    assert 900 < kept.size <= 1_000
    assert kept.of('{ a: task(id: "' + "1" * KEPT + '") { id } }', None).lifted == {}


def shuffled(document: Document, random: Random) -> Document:
    """The same document with other strings, those that were the same being the same still."""
    others: dict[str, str] = {}

    def other(found: re.Match[str]) -> str:
        is_time = found[1].startswith("20")
        return f'"{others.setdefault(found[1], found[1] if is_time else random.choice(IDS))}"'

    return Document(STRING.sub(other, document.text), document.variables, document.operation)


async def lifted(kept: Entries, document: Document) -> ExecutionResult | None:
    """The plan's answer; None where there is none."""
    entry = kept.of(document.text, document.operation)
    found = await Planner(TARGET, Limits()).execute(entry, operation(), document.variables, Spent())
    if found is not None and found.errors:
        entry.locate(found.errors, document.text)
    return found


@pytest.mark.parametrize("start", [0, 100, 200])
async def test_nobody_can_tell(start: int) -> None:
    """The second text, answered by the first one's plan, has graphql-core's answer, places of errors too."""
    random = Random(start)
    reader = Reader(TARGET.schema, Limits())
    shared = 0
    for number in range(start, start + 60):
        document = Generator(TARGET.schema, Random(number)).document()
        kept = Entries(reader)
        if "_service" in document.text or await lifted(kept, document) is None:
            continue
        again = shuffled(document, random)
        found = await lifted(kept, again)
        if found is not None and kept.of(again.text, again.operation).origin == document.text:
            shared += 1
            oracle = await executed(again)
            assert orjson.dumps(found.data) == orjson.dumps(oracle.data), again.text
            assert told(found) == told(oracle), again.text
    assert shared > 5


async def test_what_has_no_plan_is_read_again_with_its_strings() -> None:
    """A condition that is null fails when it is executed: graphql-core says so, at the right place."""
    graph = limited()
    text = 'query ($x: Boolean = true) { task(id: "%s") { id @skip(if: $x) } }'

    result = await graph.execute(text % "pixai:1", variable_values={"x": None}, context_value=operation())
    again = await graph.execute(text % "task:pixai:1", variable_values={"x": None}, context_value=operation())

    assert [one.errors[0].locations for one in (result, again) if one.errors] == [[(1, 65)], [(1, 70)]]
