"""Nobody can tell a plan from graphql-core: the same answer, byte for byte, for any document."""

from __future__ import annotations

from random import Random
from typing import Any

import orjson
import pytest
from graphql import DocumentNode, GraphQLError, OperationDefinitionNode, get_variable_values, parse, validate

from engine.plan.compiler import Compiler
from engine.plan.run import Run
from engine.plan.target import Target
from schema.graph import build
from tests.engine.plan.documents import Document, Generator
from tests.engine.plan.world import operation

GRAPH = build()
TARGET = Target.of(GRAPH)


def told(errors: list[GraphQLError] | None) -> list[tuple[str, str, str]]:
    """Path, kind and locations of each, sorted by path."""
    return sorted(
        (
            str(error.path),
            str(getattr(error.original_error, "message", None) or type(error.original_error).__name__),
            str(error.locations),
        )
        for error in errors or ()
    )


def _operation(document: DocumentNode, name: str | None) -> OperationDefinitionNode:
    return next(
        one
        for one in document.definitions
        if isinstance(one, OperationDefinitionNode)
        and (name is None or (one.name and one.name.value == name))
    )


async def planned(document: Document) -> tuple[bytes, list[tuple[str, str, str]]]:
    """The plan's answer."""
    node = parse(document.text)
    chosen = _operation(node, document.operation)
    variables = get_variable_values(TARGET.schema, chosen.variable_definitions or (), document.variables)
    assert not isinstance(variables, list), variables
    run = Run(Compiler(TARGET, node, chosen, variables).plan(), TARGET, operation(), variables)
    data = await run.data()
    return orjson.dumps(data), told(run.told())


async def executed(document: Document) -> tuple[bytes, list[tuple[str, str, str]]]:
    """graphql-core's answer, with the errors as they were raised."""
    from graphql import execute  # noqa: PLC0415

    node = parse(document.text)
    result: Any = execute(
        TARGET.schema,
        node,
        variable_values=document.variables,
        operation_name=document.operation,
        context_value=operation(),
    )
    if hasattr(result, "__await__"):
        result = await result
    return orjson.dumps(result.data), told(result.errors)


@pytest.mark.parametrize("start", range(0, 60, 10))
async def test_fixed_documents(start: int) -> None:
    """A corpus that is always the same."""
    for number in range(start * 10, start * 10 + 100):
        await compare(Generator(TARGET.schema, Random(number)).document())


async def compare(document: Document) -> None:
    """Both ways, on a world that is as it was."""
    if validate(TARGET.schema, parse(document.text)):
        return  # refused on both ways, before either
    assert await planned(document) == await executed(document), document.text
