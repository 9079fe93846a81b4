"""Nobody can tell a plan from graphql-core: the same answer, byte for byte, for any document.

Where a value that may not be null has taken its surroundings along, graphql-core's other errors below that
null depend on timing: of those, only that there was one is compared.
"""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator
from random import Random
from typing import Any

import orjson
import pytest
from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    OperationDefinitionNode,
    execute,
    get_variable_values,
    parse,
    validate,
)
from graphql.execution.collect_fields import collect_subfields
from graphql.pyutils import is_awaitable
from hypothesis import given
from hypothesis import strategies as st

from engine.plan import compiler, writing
from engine.plan.compiler import Compiler
from engine.plan.completion import Completion
from engine.plan.leaves import Leaf
from engine.plan.plans import Plans
from engine.plan.run import Run
from engine.plan.target import Target
from engine.plan.writing import Writer
from schema.graph import build
from tests.engine.plan.documents import Document, Generator
from tests.engine.plan.world import operation

TARGET = Target.of(build())
CHUNK = 100

# each has failed once
CORPUS = (
    '{ media(id: "pixai:11") { permalink small: permalink(variant: THUMBNAIL) url(fallback: false) } }',
    '{ tasksById(ids: ["pixai:2", "pixai:1"]) { failure { code message retryable } } }',
    "{ tasks { edges { node { failure { code } seeds { value } media { id } } } } }",
    '{ a: task(id: "pixai:3") { id } task(id: "pixai:3") { cover { id } media { id } } }',
)


def documents(start: int, count: int) -> Iterator[Document]:
    """Of these numbers: always the same."""
    return (Generator(TARGET.schema, Random(number)).document() for number in range(start, start + count))


async def planned(document: Document) -> ExecutionResult:
    """The plan's answer."""
    run = _run(document)
    return ExecutionResult(await run.data(), run.told())


def _run(document: Document) -> Run:
    node = parse(document.text)
    plans = Plans(node, _operation(node, document.operation))
    variables = get_variable_values(
        TARGET.schema, plans.operation.variable_definitions or (), document.variables
    )
    assert not isinstance(variables, list), variables
    return Run(plans.of(TARGET, variables), TARGET, operation(), variables)


async def executed(document: Document) -> ExecutionResult:
    """graphql-core's, with the errors as they were raised."""
    result: Any = execute(
        TARGET.schema,
        parse(document.text),
        variable_values=document.variables,
        operation_name=document.operation,
        context_value=operation(),
    )
    executed: ExecutionResult = await result if is_awaitable(result) else result
    return executed


def _operation(document: DocumentNode, name: str | None) -> OperationDefinitionNode:
    return next(
        one
        for one in document.definitions
        if isinstance(one, OperationDefinitionNode)
        and (name is None or (one.name and one.name.value == name))
    )


def told(result: ExecutionResult) -> list[tuple[str, str, str]]:
    """Path, kind and locations of each error, sorted by path; below a null, the null's path alone."""
    return sorted({_told(error, result.data) for error in result.errors or ()})


def _told(error: GraphQLError, data: Any) -> tuple[str, str, str]:
    path = error.path or []
    for length, part in enumerate(path):
        if data is None:
            return str(path[:length]), "", ""
        data = data[part]
    cause = error.original_error
    return str(path), str(getattr(cause, "message", None) or type(cause).__name__), str(error.locations)


async def compare(document: Document) -> bool:
    """Both ways, each on a world of its own that is as it was; False where both would refuse it."""
    if validate(TARGET.schema, parse(document.text)):
        return False
    plan, oracle = await planned(document), await executed(document)

    assert orjson.dumps(plan.data) == orjson.dumps(oracle.data), document.text
    assert told(plan) == told(oracle), document.text
    return True


@pytest.mark.parametrize("start", range(0, 10 * CHUNK, CHUNK))
async def test_a_thousand_documents(start: int) -> None:
    """The generator's first, nearly all of which are valid."""
    valid = [await compare(document) for document in documents(start, CHUNK)]

    assert sum(valid) > CHUNK * 0.9


@given(number=st.integers(0, 2**32))
async def test_any_document(number: int) -> None:
    """A few in each run, thousands in the long one."""
    for document in documents(number, 3):
        await compare(document)


async def test_lists_of_leaves_are_shown_and_counted_as_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bytes, errors, fields and size: what is written in place, and what is called for each item."""
    written: list[str] = []
    in_place = Writer._flat_list

    def noted(writer: Writer, leaves: Any, target: str, otherwise: list[str]) -> list[str]:
        written.append(target)
        return in_place(writer, leaves, target, otherwise)

    monkeypatch.setattr(Writer, "_flat_list", noted)
    for document in documents(0, 3 * CHUNK):
        found = await spent(document)
        with monkeypatch.context() as patched:
            patched.setattr(Compiler, "_writer", _calling)
            assert found == await spent(document), document.text

    assert len(written) > CHUNK


def _calling(compiler: Compiler, name: str) -> Writer:
    return Writer(name, compiler._target.known, lambda _: None)


async def spent(document: Document) -> tuple[bytes, list[tuple[str, str, str]], int, int]:
    """The plan's answer, its errors, its fields and its size."""
    run = _run(document)
    result = ExecutionResult(await run.data(), run.told())
    return orjson.dumps(result.data), told(result), run.fields, run.size


@pytest.mark.parametrize("text", CORPUS)
async def test_documents_that_have_failed_once(text: str) -> None:
    """They stay."""
    assert await compare(Document(text, {}, None))


def _drop_last(*arguments: Any) -> Any:
    found = collect_subfields(*arguments)
    if len(found.grouped_field_set) > 1:
        found.grouped_field_set.popitem()
    return found


MUTANTS = {
    "a field is left out": (compiler, "collect_subfields", _drop_last),
    "a failure is not told": (Completion, "failed", lambda *_: None),
    "an enum shows its value": (writing, "leaf", lambda _type: Leaf("v.__class__ is not None")),
    "a null stays where it is": (Completion, "burst", lambda *_: None),
    "arguments are lost": (Run, "arguments", lambda *_: {"ids": [], "id": "pixai:1", "fallback": True}),
}


@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited")  # a wrong plan may leave one behind
@pytest.mark.parametrize("name", MUTANTS)
async def test_a_mutant_is_found(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """A plan that is wrong in one place does not pass."""
    where, attribute, wrong = MUTANTS[name]
    monkeypatch.setattr(where, attribute, wrong)

    assert not await _all_alike(documents(0, 300))
    gc.collect()


async def _all_alike(found: Iterable[Document]) -> bool:
    try:
        for document in found:
            await compare(document)
    except (AssertionError, AttributeError, KeyError, TypeError):
        return False
    return True
